package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kgo"
)

const giftType = "livetap.gift.v1"

// seenLimit is how many ids are remembered at most. Repeats come soon after the first record, so the newest ids are
// the ones that matter.
const seenLimit = 500_000

var (
	errNoType  = errors.New("no header ce_type")
	errNotGift = errors.New("the value is not a " + giftType + " event")
)

// key is what a gift is known by.
type key struct{ source, id string }

// giftEvent is the part of the event that this program needs; see the JSON Schemas of the contract for the whole.
type giftEvent struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Subject string `json:"subject"`
	Data    *struct {
		// Absent when the price of the gift is not known.
		Diamonds int64 `json:"diamonds"`
	} `json:"data"`
}

// giftTotals removes repeats by (source, id) and adds up diamonds for each subject. Not for parallel use.
type giftTotals struct {
	diamonds                         map[string]int64
	seen                             map[key]struct{}
	order                            []key // the ids in seen, a ring once it is full
	oldest                           int
	records, gifts, repeats, refused int
}

func newGiftTotals() *giftTotals {
	return &giftTotals{diamonds: map[string]int64{}, seen: map[key]struct{}{}}
}

// add takes one record; errors say what is wrong with a record that was refused.
func (t *giftTotals) add(record *kgo.Record) error {
	t.records++
	err := t.process(record)
	if err != nil {
		t.refused++
	}
	return err
}

func (t *giftTotals) process(record *kgo.Record) error {
	ceType, found := header(record, "ce_type")
	if !found {
		return errNoType
	}
	// The topic holds other types, too: gift.completed tells a whole streak again.
	if ceType != giftType {
		return nil
	}
	var event giftEvent
	if err := json.Unmarshal(record.Value, &event); err != nil {
		return fmt.Errorf("%w: %w", errNotGift, err)
	}
	if event.ID == "" || event.Source == "" || event.Subject == "" || event.Data == nil {
		return errNotGift
	}
	// A repeat can differ in what was computed from history: the first record counts.
	if !t.first(key{event.Source, event.ID}) {
		t.repeats++
		return nil
	}
	t.gifts++
	t.diamonds[event.Subject] += event.Data.Diamonds
	return nil
}

func (t *giftTotals) first(k key) bool {
	if _, known := t.seen[k]; known {
		return false
	}
	t.seen[k] = struct{}{}
	if len(t.order) < seenLimit {
		t.order = append(t.order, k)
		return true
	}
	delete(t.seen, t.order[t.oldest])
	t.order[t.oldest] = k
	t.oldest = (t.oldest + 1) % seenLimit
	return true
}

// print writes the totals as one JSON object, and what was read.
func (t *giftTotals) print(totals, counts io.Writer) error {
	// Maps are encoded in the order of their keys.
	if err := json.NewEncoder(totals).Encode(t.diamonds); err != nil {
		return err
	}
	_, err := fmt.Fprintf(counts, "records=%d gifts=%d repeats=%d refused=%d\n", t.records, t.gifts, t.repeats, t.refused)
	return err
}

func header(record *kgo.Record, name string) (string, bool) {
	for _, h := range record.Headers {
		if h.Key == name {
			return string(h.Value), true
		}
	}
	return "", false
}
