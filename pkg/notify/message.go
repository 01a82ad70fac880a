package notify

import (
	"encoding/json"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// The events that a message can be about, as `on:` in masker.yaml names them.
const (
	EventStart        = "start"
	EventFinish       = "finish"
	EventRefusal      = "refusal"
	EventFailure      = "failure"
	EventVerification = "verification"
	EventRollback     = "rollback"
	EventRetire       = "retire"
)

// events returns all events, in the order in which the error for a wrong `on:` names them.
func events() []string {
	return []string{EventStart, EventFinish, EventRefusal, EventFailure, EventVerification, EventRollback, EventRetire}
}

// Message is the notification about one refresh, rollback or retirement. It holds names, counts and texts of masker,
// never a row's value and never a secret. Webhooks and commands get it as JSON. New fields may be added to the JSON,
// and existing fields are never renamed.
type Message struct {
	ID       string    `json:"id"`                 // the same for every channel and attempt, so that a receiver can drop duplicates. Send sets it if it is ""
	At       time.Time `json:"at"`                 // time of the event. Send sets it if it is zero
	Event    string    `json:"event"`              // start, finish, refusal, failure, verification, rollback or retire
	Flow     string    `json:"flow"`               // name in masker.yaml, "" for a rollback or a retirement
	Run      string    `json:"run,omitempty"`      // "" if the refusal came before a run began
	Source   string    `json:"source,omitempty"`   // name of the environment
	Target   string    `json:"target,omitempty"`   // name of the environment
	Version  string    `json:"version"`            // version of masker
	Revision int       `json:"revision,omitempty"` // revision of the rule set
	Changes  []string  `json:"changes,omitempty"`  // descriptions of the differences since the last refresh

	Duration time.Duration `json:"-"` // in JSON: "seconds"
	Rows     int64         `json:"rows,omitempty"`
	Tables   int           `json:"tables,omitempty"`

	Verified  string   `json:"verified,omitempty"`  // the level of the verification, and how much was verified
	Kept      []string `json:"kept,omitempty"`      // findings of a look at the values of kept columns, without those that somebody waived
	Unchecked []string `json:"unchecked,omitempty"` // what was not looked for or not looked at, and why

	Actor     string   `json:"actor,omitempty"`     // who wanted the rollback or the retirement
	Databases []string `json:"databases,omitempty"` // names of the databases that a rollback or a retirement has dropped

	Expiries []string `json:"expiries,omitempty"` // what has expired or will soon: the target, waivers, and lines of a subset with an until date

	ApprovalsWaived bool     `json:"approvals_waived"` // the flow says approvals: {required: 0}
	Approvers       []string `json:"approvers,omitempty"`
	Waivers         []string `json:"waivers,omitempty"` // the other waivers of the configuration

	Reason string `json:"reason,omitempty"` // why the refresh was refused or failed, or why somebody wanted the rollback or the retirement
	Exit   int    `json:"exit"`             // the command's exit code
	Next   string `json:"next,omitempty"`   // what to do now

	Checkpoint  string `json:"checkpoint,omitempty"`   // the ledger's signed checkpoint. Somebody who stores it can prove a later change of the ledger
	VerifierKey string `json:"verifier_key,omitempty"` // public key of the ledger. Trust it only if it equals the key that you stored
}

// plainMessage has the fields of Message, but not its methods.
type plainMessage Message

type wireMessage struct {
	plainMessage
	Seconds float64 `json:"seconds"`
}

// MarshalJSON writes the duration in seconds.
func (m Message) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireMessage{plainMessage(m), m.Duration.Seconds()})
}

// UnmarshalJSON reads the JSON that MarshalJSON writes.
func (m *Message) UnmarshalJSON(data []byte) error {
	var w wireMessage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*m = Message(w.plainMessage)
	m.Duration = time.Duration(w.Seconds * float64(time.Second))
	return nil
}

// body returns the message as JSON without bytes that a terminal would interpret.
func (m Message) body() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fault{why: "the message cannot be written as JSON", final: true}
	}
	return report.ASCII(data), nil
}
