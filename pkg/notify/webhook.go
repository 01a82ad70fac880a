package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhook posts signed JSON in the form of Standard Webhooks (standardwebhooks.com). There are libraries for receivers.
type webhook struct {
	wants
	poster
	key []byte // nil if messages are not signed
}

const secretPrefix = "whsec_"

func newWebhook(address, secret string, on wants) (Channel, error) {
	p, err := newPoster("webhook", address)
	if err != nil {
		return nil, err
	}
	key, err := webhookKey(secret)
	return webhook{on, p, key}, err
}

// webhookKey reads a secret in the form that the libraries for receivers use.
func webhookKey(secret string) ([]byte, error) {
	if secret == "" {
		return nil, nil
	}
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("notify: webhook: secret must be whsec_ and the base64 of 24 to 64 random bytes; make one with: echo whsec_$(openssl rand -base64 32)")
	}
	return key, nil
}

func (webhook) Name() string { return "webhook" }

// Send signs each attempt with the present time, because receivers refuse old timestamps.
func (w webhook) Send(ctx context.Context, m Message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	h := http.Header{}
	h.Set("webhook-id", m.ID)
	h.Set("webhook-timestamp", at)
	if w.key != nil {
		h.Set("webhook-signature", signature(w.key, m.ID, at, body))
	}
	return w.post(ctx, body, h)
}

// signature signs the body with its id and time, so that a receiver can refuse an old or copied message.
func signature(key []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
