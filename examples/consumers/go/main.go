// Command gift-totals sums the diamonds of each streamer from Livetap's gift topic, each gift once.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	printInterval = 10 * time.Second
	leaveTimeout  = 10 * time.Second
	batch         = 500
	// exitConfig says that the settings cannot be used (EX_CONFIG of sysexits).
	exitConfig = 78
)

func main() {
	untilEnd := flag.Bool("until-end", false, "read what is there now, print the totals and end")
	flag.Parse()
	brokers := os.Getenv("KAFKA_BROKERS")
	if brokers == "" {
		fmt.Fprintln(os.Stderr, "KAFKA_BROKERS is not set: host:port of one or more brokers, separated by commas.")
		os.Exit(exitConfig)
	}
	topic := cmp.Or(os.Getenv("LIVETAP_TOPIC_PREFIX"), "tiktok.live") + ".gift"
	group := cmp.Or(os.Getenv("GROUP_ID"), "gift-totals")

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, strings.Split(brokers, ","), topic, group, *untilEnd); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", topic, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, brokers []string, topic, group string, untilEnd bool) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(brokers...),
		kgo.ClientID("livetap-gift-totals"),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		// Committed by hand, after the work is done; partitions stay ours until then.
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
	)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()

	var open map[int32]int64
	if untilEnd {
		if open, err = endOffsets(ctx, kadm.NewClient(client), topic, group); err != nil {
			return err
		}
	}

	totals := newGiftTotals()
	printAt := time.Now().Add(printInterval)
	for ctx.Err() == nil && (!untilEnd || len(open) > 0) {
		if err := consume(ctx, client, totals, open); err != nil {
			return err
		}
		if !untilEnd && time.Now().After(printAt) {
			if err := totals.print(os.Stdout, os.Stderr); err != nil {
				return err
			}
			printAt = time.Now().Add(printInterval)
		}
	}
	return totals.print(os.Stdout, os.Stderr)
}

// consume handles and commits the next records, and removes the partitions from open whose end it has reached.
func consume(ctx context.Context, client *kgo.Client, totals *giftTotals, open map[int32]int64) error {
	defer client.AllowRebalance()
	// Wakes up now and then, so that the totals are printed also while nothing comes.
	polling, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	fetches := client.PollRecords(polling, batch)
	for _, failed := range fetches.Errors() {
		var session *kgo.ErrGroupSession
		switch {
		case errors.Is(failed.Err, context.DeadlineExceeded), errors.Is(failed.Err, context.Canceled):
		case errors.As(failed.Err, &session):
			// The client joins the group again by itself.
			fmt.Fprintln(os.Stderr, session)
		default:
			return failed.Err
		}
	}
	for record := range fetches.RecordsAll() {
		if err := totals.add(record); err != nil {
			fmt.Fprintf(os.Stderr, "refused %s[%d]@%d: %v\n", record.Topic, record.Partition, record.Offset, err)
		}
		if end, wanted := open[record.Partition]; wanted && record.Offset+1 >= end {
			delete(open, record.Partition)
		}
	}
	// Also when we were told to stop meanwhile: this work is done.
	committing, cancelCommit := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancelCommit()
	if err := client.CommitUncommittedOffsets(committing); err != nil {
		// The next commit tells it as well; if there is none, or the partitions have moved, the records come again.
		fmt.Fprintf(os.Stderr, "not committed: %v\n", err)
	}
	return nil
}

// endOffsets gives, for each partition that has something new for the group, the offset behind its last record as of now.
func endOffsets(ctx context.Context, admin *kadm.Client, topic, group string) (map[int32]int64, error) {
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, err
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, err
	}
	committed, err := admin.FetchOffsets(ctx, group)
	if err = errors.Join(err, committed.Error()); err != nil {
		return nil, err
	}
	open := map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(topic, end.Partition)
		next := start.Offset
		if done, ok := committed.Lookup(topic, end.Partition); ok {
			next = max(next, done.At)
		}
		if end.Offset > next {
			open[end.Partition] = end.Offset
		}
	})
	return open, nil
}
