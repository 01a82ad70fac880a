package notify

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHostileNamesCallNobodyInChat(t *testing.T) {
	var text string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var payload struct {
			Text      string `json:"text"`
			LinkNames bool   `json:"link_names"`
		}
		if err := json.NewDecoder(r.Body).Decode(&payload); err != nil || payload.LinkNames {
			t.Errorf("%+v, %v", payload, err)
		}
		text = payload.Text
	}))
	defer server.Close()
	if failed := quick().Send(t.Context(), []Channel{channel(t, Spec{Slack: server.URL, On: events()})}, func() Message {
		m := loud()
		m.Event = EventFailure
		return m
	}()); failed != nil {
		t.Fatal(failed)
	}
	inner, closed := strings.CutSuffix(strings.TrimPrefix(text, "```"), "```")
	if !closed || strings.ContainsAny(inner, "<>`@\x1b\r\x00\u202e") || strings.Contains(inner, "://") {
		t.Errorf("not safe in chat:\n%s", text)
	}
	if !strings.Contains(inner, "&lt;!here&gt;") {
		t.Errorf("a part of the text is missing:\n%s", text)
	}
}

func FuzzMrkdwn(f *testing.F) {
	f.Add(hostile)
	f.Add("```@here```")
	f.Fuzz(func(t *testing.T, s string) {
		inner := strings.TrimSuffix(strings.TrimPrefix(mrkdwn(s), "```"), "```")
		if strings.ContainsAny(inner, "<>`@") || strings.Contains(inner, "://") {
			t.Errorf("%q", inner)
		}
	})
}
