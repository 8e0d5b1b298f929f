/** A gift as rooms offer it. Type 1 can be sent in streaks; the others come alone. */
export interface CatalogueGift {
  readonly id: number;
  readonly name: string;
  readonly diamonds: number;
  readonly type: number;
  /** How often it is chosen. */
  readonly weight: number;
}

/** A cut of a real room's list: ids, names, prices and types as TikTok has them. */
export const GIFTS: readonly CatalogueGift[] = [
  { id: 5655, name: 'Rose', diamonds: 1, type: 1, weight: 40 },
  { id: 5269, name: 'TikTok', diamonds: 1, type: 1, weight: 12 },
  { id: 6064, name: 'GG', diamonds: 1, type: 1, weight: 8 },
  { id: 6247, name: 'Heart', diamonds: 1, type: 1, weight: 8 },
  { id: 6890, name: 'Love you', diamonds: 1, type: 2, weight: 3 },
  { id: 7934, name: 'Heart Me', diamonds: 1, type: 4, weight: 4 },
  { id: 5487, name: 'Finger Heart', diamonds: 5, type: 1, weight: 10 },
  { id: 6059, name: 'Hand Wave', diamonds: 9, type: 1, weight: 3 },
  { id: 5657, name: 'Lollipop', diamonds: 10, type: 1, weight: 3 },
  { id: 5658, name: 'Perfume', diamonds: 20, type: 1, weight: 3 },
  { id: 5879, name: 'Doughnut', diamonds: 30, type: 1, weight: 3 },
  { id: 6104, name: 'Cap', diamonds: 99, type: 4, weight: 1 },
  { id: 5659, name: 'Paper Crane', diamonds: 99, type: 2, weight: 1 },
  { id: 5585, name: 'Confetti', diamonds: 100, type: 2, weight: 2 },
  { id: 5660, name: 'Hand Hearts', diamonds: 100, type: 2, weight: 2 },
  { id: 5729, name: 'Butterfly', diamonds: 169, type: 2, weight: 0.5 },
  { id: 5509, name: 'Sunglasses', diamonds: 199, type: 4, weight: 0.5 },
];

/** `data` of the gift list that a room answers with. */
export const giftList = (): { gifts: readonly object[]; pages: readonly object[] } => {
  const gifts = GIFTS.map((gift) => ({
    id: gift.id,
    name: gift.name,
    describe: `sent ${gift.name}`,
    diamond_count: gift.diamonds,
    type: gift.type,
    combo: gift.type === 1,
    duration: 1000,
    for_linkmic: true,
    is_displayed_on_panel: true,
    image: { avg_color: '#A3896C', uri: `webcast-va/gift_${gift.id}`, url_list: [giftImage(gift.id)] },
    icon: { avg_color: '#A3896C', uri: `webcast-va/gift_${gift.id}`, url_list: [giftImage(gift.id)] },
  }));
  return { gifts, pages: [{ display: true, gifts, page_name: 'Gifts', page_type: 1, region: 'US' }] };
};

export const giftImage = (id: number): string =>
  `https://p16-webcast.tiktokcdn.com/img/maliva/webcast-va/gift_${id}~tplv-obj.webp`;
