package notify

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTheTagNamesEveryEvent(t *testing.T) {
	f, _ := reflect.TypeFor[Spec]().FieldByName("On")
	if words := strings.Fields(f.Tag.Get("words")); !slices.Equal(words, events()) {
		t.Errorf("%v, want %v", words, events())
	}
}

func TestInvalidSpecs(t *testing.T) {
	mail := func(change func(*Mail)) Spec {
		m := Mail{Server: "mail.example.com:587", From: "masker@example.com", To: []string{"alice@example.com"}}
		change(&m)
		return Spec{Mail: &m}
	}
	for want, s := range map[string]Spec{
		"this one has 0":        {},
		"this one has 2":        {Webhook: "https://example.com/" + canary, Slack: "https://example.com/" + canary},
		"webhook: not an https": {Webhook: canary},
		"is its variable set":   {Slack: "ftp://example.com/" + canary},
		"not an https://":       {Webhook: "https://exa mple.com/%zz" + canary},
		"unencrypted":           {Webhook: "http://hooks.example.com/" + canary},
		"openssl rand":          {Webhook: "https://example.com/", Secret: canary},
		"24 to 64":              {Webhook: "https://example.com/", Secret: "whsec_c2hvcnQ="},
		"belongs to webhook":    {Slack: "https://example.com/", Secret: canary},
		"is not an event":       {Webhook: "https://example.com/" + canary, On: []string{"finished"}},
		"cannot be run":         {Command: []string{"/nowhere/notify", canary}},
		"host:port":             mail(func(m *Mail) { m.Server = canary }),
		"to is empty":           mail(func(m *Mail) { m.To = nil }),
		"are addresses":         mail(func(m *Mail) { m.To = []string{"a@example.com\r\nBcc: " + canary} }),
		"tls is starttls":       mail(func(m *Mail) { m.TLS = canary }),
		"belong together":       mail(func(m *Mail) { m.User = canary }),
		"without TLS":           mail(func(m *Mail) { m.User, m.Password, m.TLS = "u", canary, "none" }),
	} {
		c, err := New(s, "", os.Getenv("PATH"))
		if err == nil {
			t.Errorf("want %q, got %s", want, c.Name())
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), canary) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestSeveralChannelsHaveDifferentNames(t *testing.T) {
	hook := Spec{Webhook: "https://example.com/"}
	channels, err := All([]Spec{hook, hook}, "", "")
	if err != nil || len(channels) != 2 || channels[1].Name() != "webhook (entry 2)" {
		t.Errorf("%v, %v", channels, err)
	}
	if _, err := All([]Spec{hook, {}}, "", ""); err == nil || !strings.HasSuffix(err.Error(), "(entry 2)") {
		t.Errorf("got %v", err)
	}
}
