package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

const webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func channel(t *testing.T, s Spec) Channel {
	t.Helper()
	c, err := New(s, "", os.Getenv("PATH"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The key and the message come from the tests of the Standard Webhooks libraries.
func TestSignatureIsThatOfStandardWebhooks(t *testing.T) {
	key, err := webhookKey(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	got := signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// verified verifies a signature like a receiver, as the specification describes.
func verified(r *http.Request, body []byte) bool {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(strings.Join([]string{r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), string(body)}, ".")))
	for _, one := range strings.Fields(r.Header.Get("Webhook-Signature")) {
		version, sum, _ := strings.Cut(one, ",")
		got, err := base64.StdEncoding.DecodeString(sum)
		if version == "v1" && err == nil && hmac.Equal(got, mac.Sum(nil)) {
			return true
		}
	}
	return false
}

func TestWebhookIsSignedAndSentAgainUnderTheSameID(t *testing.T) {
	ids := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !verified(r, body) || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s with headers %v does not verify", r.Method, r.Header)
		}
		var m Message
		if err := json.Unmarshal(body, &m); err != nil || m.Rows != 4000000 || m.Duration != finished().Duration || m.Checkpoint != checkpoint {
			t.Errorf("got %+v, %v", m, err)
		}
		ids = append(ids, r.Header.Get("Webhook-Id"))
		if len(ids) == 1 {
			http.Error(w, canary, http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	c := channel(t, Spec{Webhook: server.URL, Secret: webhookSecret})
	if failed := quick().Send(t.Context(), []Channel{c}, finished()); failed != nil {
		t.Fatal(failed)
	}
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("attempts had the ids %v", ids)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the message was sent to an address that nobody configured")
	}))
	defer elsewhere.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/"+canary, code))
		failed := quick().Send(t.Context(), []Channel{channel(t, Spec{Webhook: server.URL}), channel(t, Spec{Slack: server.URL})}, finished())
		if len(failed) != 2 || !strings.Contains(failed[0].Why, "redirect") || strings.Contains(failed[0].Why, canary) {
			t.Errorf("%d: got %v", code, failed)
		}
		server.Close()
	}
}

func TestFailuresOfHTTPQuoteNothing(t *testing.T) {
	answering := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, canary, code) }
	}
	untrusted := httptest.NewUnstartedServer(answering(200))
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	busy := httptest.NewServer(answering(http.StatusTooManyRequests))
	defer busy.Close()
	gone := httptest.NewServer(answering(http.StatusNotFound))
	defer gone.Close()
	plain := httptest.NewServer(answering(200))
	defer plain.Close()
	for address, want := range map[string]string{
		untrusted.URL + "/" + canary: "its certificate is not trusted here",
		busy.URL + "/" + canary:      "it answers 429 (3 attempts)",
		gone.URL + "/" + canary:      "it answers 404: address or secret",
		strings.Replace(plain.URL, "http:", "https:", 1) + "/" + canary: "it does not speak TLS on this port",
		"http://" + unused(t) + "/" + canary:                            "nothing listens there",
	} {
		failed := quick().Send(t.Context(), []Channel{channel(t, Spec{Webhook: address})}, finished())
		if len(failed) != 1 || !strings.HasPrefix(failed[0].Why, want) || strings.Contains(failed[0].Why, canary) {
			t.Errorf("want %q, got %v", want, failed)
		}
	}
}

func TestHangingWebhookIsGivenUp(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-stop
	}))
	defer server.Close()
	defer close(stop)
	failed := impatient().Send(t.Context(), []Channel{channel(t, Spec{Webhook: server.URL})}, finished())
	if len(failed) != 1 || failed[0].Why != "no answer in time (2 attempts)" {
		t.Errorf("got %v", failed)
	}
}

// Some answers never end. Send must not wait for such an answer longer than for an answer that never begins.
func TestEndlessAnswerIsNotRead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat(canary, 100)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	if failed := quick().Send(t.Context(), []Channel{channel(t, Spec{Webhook: server.URL})}, finished()); failed != nil {
		t.Errorf("got %v", failed)
	}
}

// unused returns a loopback address on which nothing listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestHostileNamesInJSONCommandNoTerminal(t *testing.T) {
	body, err := loud().body()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range string(body) {
		if r < ' ' || r == '\u202e' || r == 0x7f {
			t.Fatalf("%q in %s", r, body)
		}
	}
	var back Message
	if err := json.Unmarshal(body, &back); err != nil || back.Flow != strings.ToValidUTF8(hostile, "\ufffd") {
		t.Errorf("%v, %q", err, back.Flow)
	}
}
