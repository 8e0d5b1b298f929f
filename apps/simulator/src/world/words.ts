import type { Random } from '../common/random.js';

const FIRST = [
  'Amber',
  'Blue',
  'Cedar',
  'Dusty',
  'Echo',
  'Fern',
  'Golden',
  'Hazel',
  'Ivory',
  'Jade',
  'Kind',
  'Lunar',
  'Misty',
  'North',
  'Olive',
  'Pixel',
  'Quiet',
  'Ruby',
  'Silver',
  'Tidal',
];
const SECOND = [
  'Badger',
  'Comet',
  'Drift',
  'Ember',
  'Finch',
  'Garden',
  'Harbor',
  'Island',
  'Juniper',
  'Kite',
  'Lantern',
  'Meadow',
  'Nest',
  'Otter',
  'Pine',
  'Quill',
  'River',
  'Sparrow',
  'Thistle',
  'Willow',
];
const MARKS = ['', '', '', ' ✨', ' 🌊', ' 🔥', '🇵🇱', ' ♡', ' 🎧', 'ツ'];
const COMMENTS = [
  'hello from the harbour',
  'first time here',
  'that was close!!',
  'can you play it again?',
  '😂😂😂',
  '❤️❤️❤️',
  'love this song',
  'what is the name of it',
  'greetings from the north',
  'gg',
  'so calm today',
  'merhaba',
  'dzień dobry wszystkim',
  'こんにちは',
  'saludos a todos',
  'who is winning',
  '@host look at the chat',
  'wow',
  'one more round please',
  '🔥',
  'good night everyone, see you tomorrow and thank you for the stream, it was great as always',
];
const TITLES = [
  'Evening walk',
  'Drawing together',
  'Come and chat',
  'Road to 10k',
  'Quiz night 🎲',
  'Morning coffee ☕',
  'Match day',
  'Live from the garden',
  'Cooking something new',
  'Just music',
];
const SENTENCES = [
  'and now we take the red one',
  'thank you all for being here',
  'we are nearly there',
  'let us see what the next card brings',
  'that is how it is done',
];
const QUESTIONS = [
  'Which game comes next?',
  'How long have you been streaming?',
  'Where is this place?',
  'Do you have a cat?',
  'What do you eat today?',
];

/** A made-up nickname. */
export const nicknames = (random: Random): string =>
  `${random.pick(FIRST)} ${random.pick(SECOND)}${random.pick(MARKS)}`;

/** A made-up unique id: 2 to 24 of the characters that TikTok allows. */
export const handles = (random: Random): string =>
  `${random.pick(FIRST)}${random.pick(['.', '_', ''])}${random.pick(SECOND)}${random.int(1, 9999)}`.toLowerCase();

export const titles = (random: Random): string => random.pick(TITLES);
export const comments = (random: Random): string => random.pick(COMMENTS);
export const sentences = (random: Random): string => random.pick(SENTENCES);
export const questions = (random: Random): string => random.pick(QUESTIONS);
