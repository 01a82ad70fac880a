// Package notify tells the people concerned what became of a refresh: by webhook, chat, mail or a
// command of theirs. A notification that fails never fails a refresh, and never holds it up for long.
//
// It must not: decide anything, read a database, or repeat what a channel answered. Addresses and
// answers hold secrets, so failures are in our own words.
package notify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Channel is one way to somebody. Send makes one attempt and ends when ctx does.
type Channel interface {
	Name() string            // for people and the ledger: its kind, never its address
	Wants(event string) bool // whether it is for this event
	Send(ctx context.Context, m Message) error
}

// Failure is that a channel did not take a message. Why is in our own words.
type Failure struct{ Channel, Why string }

// Sender holds how patient Send is; zero fields mean the defaults.
type Sender struct {
	Attempts uint          // tries per channel: 4
	Attempt  time.Duration // for one try: 8 s
	Pause    time.Duration // after the first try, then twice as long each time, both less or more a random half: 500 ms
	Total    time.Duration // for all of it: 30 s
}

// Send tells all channels that want it, at the same time, and returns those that could not be told,
// in the order given. It takes at most about 30 seconds. A ctx that ended sends nothing: give one
// without the refresh's cancellation, or nobody hears of an interrupted one.
func Send(ctx context.Context, channels []Channel, m Message) []Failure {
	return Sender{}.Send(ctx, channels, m)
}

// Send is the function Send, with this sender's patience.
func (s Sender) Send(ctx context.Context, channels []Channel, m Message) []Failure {
	s = s.complete()
	if m.ID == "" {
		m.ID = newID()
	}
	if m.At.IsZero() {
		m.At = time.Now()
	}
	m.At = m.At.UTC().Truncate(time.Second)
	ctx, cancel := context.WithTimeout(ctx, s.Total)
	defer cancel()
	whys := make([]string, len(channels))
	var all sync.WaitGroup
	for i, c := range channels {
		if c.Wants(m.Event) {
			all.Go(func() { whys[i] = s.deliver(ctx, c, m) })
		}
	}
	all.Wait()
	var failed []Failure
	for i, why := range whys {
		if why != "" {
			failed = append(failed, Failure{channels[i].Name(), why})
		}
	}
	return failed
}

func (s Sender) complete() Sender {
	d := Sender{Attempts: 4, Attempt: 8 * time.Second, Pause: 500 * time.Millisecond, Total: 30 * time.Second}
	if s.Attempts > 0 {
		d.Attempts = s.Attempts
	}
	if s.Attempt > 0 {
		d.Attempt = s.Attempt
	}
	if s.Pause > 0 {
		d.Pause = s.Pause
	}
	if s.Total > 0 {
		d.Total = s.Total
	}
	return d
}

// deliver tries until the channel took the message, refused it for good, or patience ends;
// it says why not, or "".
func (s Sender) deliver(ctx context.Context, c Channel, m Message) string {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = s.Pause
	pauses.Multiplier = 2
	var last error
	tries := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tries++
		last = s.attempt(ctx, c, m)
		var f fault
		switch {
		case errors.As(last, &f) && f.final:
			return struct{}{}, backoff.Permanent(last)
		case errors.As(last, &f) && f.after > 0:
			return struct{}{}, backoff.RetryAfter(f.after)
		}
		return struct{}{}, last
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(s.Attempts), backoff.WithMaxElapsedTime(s.Total))
	if err == nil {
		return ""
	}
	why := words(last)
	if tries > 1 {
		why += fmt.Sprintf(" (%d attempts)", tries)
	}
	return why
}

// attempt is one try. A channel that panics has failed for good, and nothing else has.
func (s Sender) attempt(ctx context.Context, c Channel, m Message) (err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Attempt)
	defer cancel()
	defer func() {
		if recover() != nil {
			err = fault{why: "an internal error of masker; please report it", final: true}
		}
	}()
	return c.Send(ctx, m)
}

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // crypto/rand ends the program rather than fail
	return "msg_" + hex.EncodeToString(id[:])
}
