package notify

import (
	"encoding/json"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// What a message can be about, as `on:` in masker.yaml names it.
const (
	EventStart        = "start"
	EventFinish       = "finish"
	EventRefusal      = "refusal"
	EventFailure      = "failure"
	EventVerification = "verification"
)

// events in the order messages list them.
func events() []string {
	return []string{EventStart, EventFinish, EventRefusal, EventFailure, EventVerification}
}

// Message is what the people concerned are told of one refresh. It holds names, counts and our
// own words, never a row's value and never a secret. Its JSON is what webhooks and commands get:
// fields are added, never renamed.
type Message struct {
	ID       string    `json:"id"`                 // the same for every channel and attempt, so that a receiver can drop doubles; Send sets it
	At       time.Time `json:"at"`                 // when it happened; Send sets it where it is zero
	Event    string    `json:"event"`              // start, finish, refusal, failure or verification
	Flow     string    `json:"flow"`               // as masker.yaml names it
	Run      string    `json:"run,omitempty"`      // "" for a refusal before a run began
	Source   string    `json:"source,omitempty"`   // environments, as masker.yaml names them
	Target   string    `json:"target,omitempty"`   //
	Version  string    `json:"version"`            // of masker
	Revision int       `json:"revision,omitempty"` // of the rule set
	Changes  []string  `json:"changes,omitempty"`  // since the last refresh, in a reviewer's words

	Duration time.Duration `json:"-"` // in JSON: "seconds"
	Rows     int64         `json:"rows,omitempty"`
	Tables   int           `json:"tables,omitempty"`

	ApprovalsWaived bool     `json:"approvals_waived"` // the flow says approvals: {required: 0}
	Approvers       []string `json:"approvers,omitempty"`
	Waivers         []string `json:"waivers,omitempty"` // everything else the configuration allows that is refused by default

	Reason string `json:"reason,omitempty"` // why it was refused or failed
	Exit   int    `json:"exit"`             // the command's exit code
	Next   string `json:"next,omitempty"`   // what to do now

	Checkpoint  string `json:"checkpoint,omitempty"`   // the ledger's signed note: who keeps it can prove a later change
	VerifierKey string `json:"verifier_key,omitempty"` // of that note; trust it only if it equals the one you kept
}

// plainMessage has Message's fields and not its methods.
type plainMessage Message

type wireMessage struct {
	plainMessage
	Seconds float64 `json:"seconds"`
}

// MarshalJSON gives the duration as seconds.
func (m Message) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireMessage{plainMessage(m), m.Duration.Seconds()})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Message) UnmarshalJSON(data []byte) error {
	var w wireMessage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*m = Message(w.plainMessage)
	m.Duration = time.Duration(w.Seconds * float64(time.Second))
	return nil
}

// body is the message as JSON in which no byte is a terminal's command.
func (m Message) body() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fault{why: "the message cannot be written as JSON", final: true}
	}
	return report.ASCII(data), nil
}
