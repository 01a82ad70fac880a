package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/masker-project/masker/pkg/notify"
)

// Send tells a webhook that a refresh was published.
func ExampleSend() {
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m notify.Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			fmt.Println(err)
		}
		fmt.Println(m.Event, m.Flow, m.Rows)
	}))
	defer receiver.Close()
	webhook, err := notify.New(notify.Spec{Webhook: receiver.URL}, "", "")
	if err != nil {
		log.Fatal(err)
	}
	failures := notify.Send(context.Background(), []notify.Channel{webhook}, notify.Message{
		Event: notify.EventFinish, Flow: "nightly", Source: "production", Target: "staging", Rows: 3,
	})
	fmt.Println("not delivered:", len(failures))
	// Output:
	// finish nightly 3
	// not delivered: 0
}
