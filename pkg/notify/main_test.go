package notify

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary is used as a secret, and hostile as the name of a table or the text of an error.
const (
	canary  = "c4n4ry-53cr3t"
	hostile = "\x1b[31mred\u202e<!here> @channel `x` [y](https://evil.example) <https://evil.example|z> *b*\r\nBcc: mallory@evil.example\r\n\r\n=cmd()|'x'!A1\x00\xff"
)

// quick returns a sender with short pauses, for tests.
func quick() Sender {
	return Sender{Attempts: 3, Pause: time.Nanosecond}
}

// impatient returns a sender with short limits, for receivers that never answer.
func impatient() Sender {
	return Sender{Attempts: 2, Attempt: 100 * time.Millisecond, Pause: time.Nanosecond}
}

const checkpoint = "masker-ledger-0a1b2c3d\n42\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nactive 1 8123\n\n— masker-ledger-0a1b2c3d 3q2+7wAAAA==\n"

func finished() Message {
	return Message{
		ID: "msg_1", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC),
		Event: EventFinish, Flow: "nightly", Run: "20261124T020000Z-1f2e", Source: "production", Target: "staging",
		Version: "0.4.0", Revision: 7,
		Changes:  []string{"public.customers.phone: now replaced by an invented number", "public.orders.note: new column, emptied"},
		Duration: 754 * time.Second, Rows: 4000000, Tables: 31,
		Verified:   "strict: 31 tables compared; 12,004 values of 3 columns looked for in 83 columns",
		Unchecked:  []string{"public.customers.phone: 36 % of 95 values were not looked for (too common 35)", "values of public.customers.city: dictionary 812"},
		Approvers:  []string{"alice@example.com", "bob@example.com"},
		Waivers:    []string{"source-can-write"},
		Checkpoint: checkpoint, VerifierKey: "masker-ledger-0a1b2c3d+deadbeef+AAAA",
		Next: "nothing; masker provenance shows where staging comes from",
	}
}

func refused() Message {
	return Message{
		ID: "msg_2", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC),
		Event: EventRefusal, Flow: "nightly", Source: "production", Target: "staging", Version: "0.4.0", Revision: 8,
		Reason: "revision 8 of the rules has 0 of 1 approvals", Exit: 3,
		Next: "somebody other than the author runs: masker approve nightly",
	}
}

func loud() Message {
	m := finished()
	m.Event, m.Exit = hostile, 9
	m.Flow, m.Run, m.Source, m.Target, m.Version = hostile, hostile, hostile, hostile, hostile
	m.Changes = []string{hostile, hostile, hostile, hostile}
	m.Waivers, m.Approvers, m.Verified, m.Unchecked = m.Changes, m.Changes, hostile, m.Changes
	m.Reason, m.Next, m.VerifierKey, m.Checkpoint = hostile, hostile, hostile, hostile
	return m
}
