// Package notify sends notifications about a refresh, a rollback or a retirement: by webhook, chat or mail, or with a
// command. A notification that fails undoes nothing, and delays masker by about 30 seconds at most.
//
// Addresses and answers can hold secrets, so the package's errors never quote them.
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

// Channel is one way to send notifications. Send makes one attempt, and returns when ctx ends.
type Channel interface {
	Name() string            // returns the kind of the channel, for people and the ledger, and never its address
	Wants(event string) bool // reports whether the channel wants this event
	Send(ctx context.Context, m Message) error
}

// Failure says that a message was not delivered to a channel, and why. Why does not quote an address or an answer.
type Failure struct{ Channel, Why string }

// Sender sends messages with its own limits. A field that is 0 has the default.
type Sender struct {
	Attempts uint          // number of attempts for each channel. Default: 4
	Attempt  time.Duration // limit for one attempt. Default: 8 s
	Pause    time.Duration // pause after the first attempt. It doubles after each attempt. A random part makes each pause up to 50 % longer or shorter. Default: 500 ms
	Total    time.Duration // limit for all attempts. Default: 30 s
}

// Send sends a message to all channels that want its event, at the same time. It returns the failures in the order of
// the channels. It takes at most about 30 seconds. If ctx has ended, Send sends nothing. To report an interrupted
// refresh, pass a ctx that the interruption does not cancel.
func Send(ctx context.Context, channels []Channel, m Message) []Failure {
	return Sender{}.Send(ctx, channels, m)
}

// Send is like the function Send, with the limits of s.
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

// deliver tries until the channel accepts the message, fails for good, or the limits are reached. It returns "" on
// success, and otherwise the reason.
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
	why := describe(last)
	if tries > 1 {
		why += fmt.Sprintf(" (%d attempts)", tries)
	}
	return why
}

// attempt makes one attempt. If the channel panics, this channel has failed for good, and the others are not affected.
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
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	return "msg_" + hex.EncodeToString(id[:])
}
