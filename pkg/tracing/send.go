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
	flushing = 3 * time.Second // how long a batch, and the end of a run, wait for a collector
	every    = 5 * time.Second // how long a span waits for others
	together = 512             // spans of a batch
	waiting  = 1 << 14         // spans that wait; more than that are lost
	reading  = 1 << 16         // bytes of a collector's answer that are read
)

// sender sends spans in batches, beside the run. What goes wrong is counted and told nobody: an error quotes
// addresses and answers of servers.
type sender struct {
	to       collector
	client   *http.Client
	resource []byte // encoded
	queue    chan []byte
	stop     chan struct{}
	ended    chan struct{}
	cancel   context.CancelFunc
	lost     atomic.Int64
}

func newSender(ctx context.Context, to collector, resource []byte) *sender {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: to.tls, ForceAttemptHTTP2: true}
	// An interrupted run still tells how it ended, so its end is not the end of ctx.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &sender{
		to: to, client: &http.Client{Transport: transport}, resource: resource,
		queue: make(chan []byte, waiting), stop: make(chan struct{}), ended: make(chan struct{}), cancel: cancel,
	}
	go s.run(ctx)
	return s
}

// take never waits: it must not slow a run down.
func (s *sender) take(span []byte) {
	select {
	case s.queue <- span:
	default:
		s.lost.Add(1)
	}
}

// close sends what is left. What is taken after it is not sent.
func (s *sender) close() {
	close(s.stop)
	enough := time.AfterFunc(flushing, s.cancel)
	<-s.ended
	enough.Stop()
	s.cancel()
	s.client.CloseIdleConnections()
}

func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	tick := time.NewTicker(every)
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

// flush sends what waits.
func (s *sender) flush(ctx context.Context) {
	for batch := s.batch(); len(batch) > 0; batch = s.batch() {
		s.lost.Add(s.send(ctx, batch))
	}
}

func (s *sender) batch() (spans [][]byte) {
	for len(spans) < together {
		select {
		case span := <-s.queue:
			spans = append(spans, span)
		default:
			return spans
		}
	}
	return spans
}

// send returns how many spans of the batch did not arrive.
func (s *sender) send(ctx context.Context, batch [][]byte) int64 {
	ctx, cancel := context.WithTimeout(ctx, flushing)
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
		backoff.WithBackOff(backoff.NewConstantBackOff(time.Second)), backoff.WithMaxElapsedTime(flushing))
	if err != nil {
		return int64(len(batch))
	}
	return min(max(refused, 0), int64(len(batch)))
}

// post returns how many spans the collector refused of those it got.
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
	answer, err := io.ReadAll(io.LimitReader(resp.Body, reading))
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
