package main

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/guard"
)

func TestAnErrorNamesItsFlowOnce(t *testing.T) {
	refused := &guard.Refused{Flow: "nightly", Why: "no approval"}
	for want, err := range map[string]error{
		`refused: flow "nightly": no approval`: refused,
		`flow other: connection lost`:          errors.New("connection lost"),
	} {
		name := "nightly"
		if err != error(refused) {
			name = "other"
		}
		if got := ofFlow(name, err).Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
