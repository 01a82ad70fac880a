package notify

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s: %v; got\n%s", path, err, got)
	}
}

func TestTextForPeople(t *testing.T) {
	waived := finished()
	waived.ApprovalsWaived, waived.Approvers, waived.Changes = true, nil, nil
	unverified := finished()
	unverified.Event, unverified.Exit = EventVerification, 4
	unverified.Reason, unverified.Next = "public.customers.email: 3 of 10 values are those of the source", "the shadow was dropped; see masker ledger show"
	for name, m := range map[string]Message{
		"finish": finished(), "refusal": refused(), "waived": waived, "verification": unverified, "hostile": loud(),
	} {
		golden(t, name+".txt", m.Text())
	}
	body, err := finished().body()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "finish.json", string(body)+"\n")
}

// Every notification about a flow that waives approvals says so.
func TestWaivedApprovalsAreStatedInEveryEvent(t *testing.T) {
	for _, e := range events() {
		m := Message{Event: e, Flow: "nightly", ApprovalsWaived: true, Approvers: []string{"alice@example.com"}}
		body, err := m.body()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text(), "requires no approval") || !strings.Contains(string(body), `"approvals_waived":true`) {
			t.Errorf("%s: the waiver is missing in\n%s%s", e, m.Text(), body)
		}
	}
}

func TestA6TheCheckpointCanBeSavedFromTheText(t *testing.T) {
	if !strings.HasSuffix(finished().Text(), "\n"+checkpoint) {
		t.Errorf("the unchanged checkpoint is missing in\n%s", finished().Text())
	}
}

func TestTextIsShortAndCommandsNoTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Just(hostile), rapid.Just(checkpoint), rapid.Just(strings.Repeat("x\n", 30)))
		texts := rapid.SliceOf(text)
		m := Message{
			Event: text.Draw(t, "event"), Flow: text.Draw(t, "flow"), Run: text.Draw(t, "run"), Source: text.Draw(t, "source"),
			Version: text.Draw(t, "version"), Revision: rapid.IntRange(0, 9).Draw(t, "revision"),
			Kept: texts.Draw(t, "kept"), Changes: texts.Draw(t, "changes"), Waivers: texts.Draw(t, "waivers"), Approvers: texts.Draw(t, "approvers"),
			Reason: text.Draw(t, "reason"), Next: text.Draw(t, "next"), Rows: 1, Exit: 1,
			Checkpoint: text.Draw(t, "checkpoint"), VerifierKey: text.Draw(t, "key"),
		}
		got := m.Text()
		if n := strings.Count(got, "\n"); n > 25 {
			t.Fatalf("%d lines:\n%s", n, got)
		}
		for _, r := range got {
			if r != '\n' && r != ' ' && !unicode.IsPrint(r) {
				t.Fatalf("%q in\n%s", r, got)
			}
		}
		if strings.ContainsAny(m.Subject(), "\r\n") {
			t.Fatalf("subject %q", m.Subject())
		}
	})
}

// A message in which every line and every list is as long as possible has at most 25 lines.
func TestTheLongestTextIsShort(t *testing.T) {
	many := strings.Split(strings.Repeat("x", 9), "")
	m := Message{
		Event: "x", Flow: "x", Run: "x", Source: "x", Target: "x", Actor: "x", Reason: "x", Next: "x", Expiries: many, Rows: 1, Tables: 1,
		Verified: "x", Unchecked: many, Kept: many, Version: "x", Revision: 1, Approvers: many, Waivers: many, Changes: many, VerifierKey: "x",
	}
	shown := false
	for lines := range 12 {
		m.Checkpoint = strings.Repeat("x\n", lines)
		got := m.Text()
		shown = shown || lines >= 6 && strings.Contains(got, "Keep this checkpoint")
		if n := strings.Count(got, "\n"); n > 25 {
			t.Errorf("a checkpoint of %d lines: %d lines", lines, n)
		}
	}
	if !shown {
		t.Error("a checkpoint of six lines is not shown")
	}
}

func TestMessageSurvivesJSON(t *testing.T) {
	for _, m := range []Message{finished(), refused(), {Duration: time.Millisecond}} {
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back Message
		if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%v: %+v became %+v", err, m, back)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"event":"finish","flow":"\u001b[31m","seconds":1e300,"changes":["a\nb"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Message
		if json.Unmarshal(data, &m) != nil {
			return
		}
		if text := m.Text(); strings.Count(text, "\n") > 25 || strings.ContainsAny(text, "\x1b\r\x00") {
			t.Errorf("%q", text)
		}
	})
}
