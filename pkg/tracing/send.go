package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	sendTimeout  = 3 * time.Second // limit for sending one batch, and for the end of a run
	sendInterval = 5 * time.Second // how often the spans in the queue are sent
	maxBatch     = 512             // largest number of spans in a batch
	maxQueued    = 1 << 14         // largest number of spans in the queue; other spans are lost
	maxAnswer    = 1 << 16         // largest number of bytes that are read of a collector's answer
)

// sender sends spans in batches while the run goes on. It counts the spans that it lost and reports no error, because
// an error quotes addresses and answers of servers.
type sender struct {
	to       collector
	client   *http.Client
	resource []byte // encoded attributes of this process
	queue    chan []byte
	stop     chan struct{}
	ended    chan struct{}
	cancel   context.CancelFunc
	lost     atomic.Int64
}

func newSender(ctx context.Context, to collector, resource []byte) *sender {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: to.tls, ForceAttemptHTTP2: true}
	// The end of ctx must not end the sender, because an interrupted run still reports how it ended.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &sender{
		to: to, client: &http.Client{Transport: transport}, resource: resource,
		queue: make(chan []byte, maxQueued), stop: make(chan struct{}), ended: make(chan struct{}), cancel: cancel,
	}
	go s.run(ctx)
	return s
}

// take puts a span into the queue. If the queue is full, the span is lost: take never waits, because it must not slow a
// run down.
func (s *sender) take(span []byte) {
	select {
	case s.queue <- span:
	default:
		s.lost.Add(1)
	}
}

// close sends the spans in the queue and ends the sender. It waits at most sendTimeout. Later spans are not sent.
func (s *sender) close() {
	close(s.stop)
	enough := time.AfterFunc(sendTimeout, s.cancel)
	<-s.ended
	enough.Stop()
	s.cancel()
	s.client.CloseIdleConnections()
}

func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	tick := time.NewTicker(sendInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.flush(ctx)
		case <-s.stop:
			s.flush(ctx)
			return
		}
	}
}

// flush sends all spans in the queue.
func (s *sender) flush(ctx context.Context) {
	for batch := s.batch(); len(batch) > 0; batch = s.batch() {
		s.lost.Add(s.send(ctx, batch))
	}
}

func (s *sender) batch() (spans [][]byte) {
	for len(spans) < maxBatch {
		select {
		case span := <-s.queue:
			spans = append(spans, span)
		default:
			return spans
		}
	}
	return spans
}

// send sends a batch, and returns how many of its spans did not arrive.
func (s *sender) send(ctx context.Context, batch [][]byte) int64 {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	body := request(s.resource, batch)
	if s.to.gzip {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // a buffer takes everything
		_ = z.Close()
		body = b.Bytes()
	}
	refused, err := backoff.Retry(ctx, func() (int64, error) { return s.post(ctx, body) },
		backoff.WithBackOff(backoff.NewConstantBackOff(time.Second)), backoff.WithMaxElapsedTime(sendTimeout))
	if err != nil {
		return int64(len(batch))
	}
	return min(max(refused, 0), int64(len(batch)))
}

// post makes one attempt, and returns how many spans the collector refused.
func (s *sender) post(ctx context.Context, body []byte) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to.url, bytes.NewReader(body))
	if err != nil {
		return 0, backoff.Permanent(err)
	}
	req.Header.Set("User-Agent", "masker")
	for _, h := range s.to.headers {
		req.Header.Set(h.name, h.value)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if s.to.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, backoff.Permanent(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); err == nil {
			return 0, backoff.RetryAfter(int(seconds))
		}
		return 0, errors.New(resp.Status)
	}
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return 0, backoff.Permanent(errors.New(resp.Status))
	}
	if resp.Header.Get("Content-Type") != "application/x-protobuf" {
		return 0, nil
	}
	return rejected(answer), nil
}
