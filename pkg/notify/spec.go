package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Spec is one entry of a flow's `notify:` in masker.yaml. Exactly one of Webhook, Slack, Mail and Command is set. The
// tags are texts for the JSON Schema of that file.
type Spec struct {
	Webhook string   `doc:"An address that gets signed JSON."`
	Secret  string   `doc:"The key that signs the webhook: whsec_…"`
	Slack   string   `doc:"An incoming webhook of Slack, Mattermost or Rocket.Chat."`
	Mail    *Mail    `doc:"Sends a mail."`
	Command []string `doc:"A program and its arguments. It gets JSON on stdin."`
	On      []string `words:"start finish refusal failure verification rollback retire" doc:"Which events. Default: all but start."`
}

// Mail says how mail is sent. The default for TLS is starttls. On loopback, a server without STARTTLS is accepted too.
type Mail struct {
	Server   string   `required:"yes" doc:"host:port"`
	From     string   `required:"yes" doc:"An address."`
	To       []string `required:"yes" doc:"Addresses."`
	User     string   `doc:"A user, if the server needs one."`
	Password string   `doc:"The user's password."`
	TLS      string   `words:"starttls tls none" doc:"Default: starttls."`
}

// New checks an entry and makes its channel. Its errors never quote addresses, arguments or passwords, because all of
// them can be secrets. A program with a slash in its name is a path relative to dir. Other programs are searched in
// path. The program gets path as its PATH.
func New(s Spec, dir, path string) (Channel, error) {
	on, err := wanted(s.On)
	if err != nil {
		return nil, err
	}
	if s.Secret != "" && s.Webhook == "" {
		return nil, errors.New("notify: secret belongs to webhook only")
	}
	if n := kinds(s); n != 1 {
		return nil, fmt.Errorf("notify: an entry has exactly one of webhook, slack, mail and command; this one has %d of them", n)
	}
	switch {
	case s.Webhook != "":
		return newWebhook(s.Webhook, s.Secret, on)
	case s.Slack != "":
		return newSlack(s.Slack, on)
	case s.Mail != nil:
		return newMail(*s.Mail, on)
	default:
		return newCommand(s.Command, on, dir, path)
	}
}

// All makes the channels of a flow. If there are several, their names hold the number of the entry.
func All(specs []Spec, dir, path string) ([]Channel, error) {
	var channels []Channel
	for i, s := range specs {
		c, err := New(s, dir, path)
		if err != nil {
			return nil, fmt.Errorf("%w (entry %d)", err, i+1)
		}
		if len(specs) > 1 {
			c = numbered{c, i + 1}
		}
		channels = append(channels, c)
	}
	return channels, nil
}

func kinds(s Spec) int {
	n := 0
	for _, set := range []bool{s.Webhook != "", s.Slack != "", s.Mail != nil, len(s.Command) > 0} {
		if set {
			n++
		}
	}
	return n
}

// wants is the set of events a channel is for.
type wants []string

func wanted(on []string) (wants, error) {
	if len(on) == 0 {
		return events()[1:], nil
	}
	for _, e := range on {
		if !slices.Contains(events(), e) {
			return nil, fmt.Errorf("notify: on: %q is not an event; the events are %s", e, strings.Join(events(), ", "))
		}
	}
	return on, nil
}

// Wants reports whether the channel is for an event.
func (w wants) Wants(event string) bool { return slices.Contains(w, event) }

// numbered adds the number of the entry to a channel's name, so that two channels of one kind have different names.
type numbered struct {
	Channel
	n int
}

func (n numbered) Name() string { return fmt.Sprintf("%s (entry %d)", n.Channel.Name(), n.n) }
