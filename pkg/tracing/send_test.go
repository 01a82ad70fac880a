package tracing_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/tracing"
)

// traced sends the trace of a run to a collector, and returns how many spans were lost. The variables of env are set
// in addition to the collector's address.
func traced(t *testing.T, url string, env map[string]string) int64 {
	t.Helper()
	all := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url}
	for name, value := range env {
		all[name] = value
	}
	trace, err := tracing.New(t.Context(), all, "v1")
	if err != nil {
		t.Fatal(err)
	}
	refresh(t, trace, report.Published, 0)
	return trace.Lost()
}

func TestStandardVariablesSayHowSpansAreSent(t *testing.T) {
	got := &collected{}
	var encoding, agent, tenant string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		encoding, agent, tenant = r.Header.Get("Content-Encoding"), r.Header.Get("User-Agent"), r.Header.Get("Tenant")
		got.ServeHTTP(w, r)
	}))
	defer server.Close()
	lost := traced(t, server.URL+"/", map[string]string{
		"OTEL_EXPORTER_OTLP_COMPRESSION":    "gzip",
		"OTEL_EXPORTER_OTLP_HEADERS":        "Tenant=common",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "Tenant = a%20b ,Authorization=x",
		"OTEL_RESOURCE_ATTRIBUTES":          "deployment.environment=night%2C1,service.name=other",
	})
	if lost != 0 || len(got.spans) != 5 {
		t.Fatalf("%d spans arrived, %d lost", len(got.spans), lost)
	}
	if encoding != "gzip" || agent != "masker" || tenant != "a b" || got.auth != "x" {
		t.Errorf("sent with %q, %q, %q, %q", encoding, agent, tenant, got.auth)
	}
	var resource []string
	for _, a := range got.resource.Attributes {
		resource = append(resource, a.Key+"="+a.Value.GetStringValue())
	}
	if want := []string{"service.name=masker", "service.version=v1", "deployment.environment=night,1"}; !slices.Equal(resource, want) {
		t.Errorf("the resource is %q, want %q", resource, want)
	}
}

func TestABusyCollectorIsAskedAgain(t *testing.T) {
	got := &collected{}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			got.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	if lost := traced(t, server.URL, nil); lost != 0 || asked.Load() != 3 || len(got.spans) != 5 {
		t.Errorf("asked %d times: %d spans arrived, %d lost", asked.Load(), len(got.spans), lost)
	}
}

func TestACollectorThatIsBusyForLongIsNotWaitedFor(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	began := time.Now()
	if lost := traced(t, server.URL, nil); lost != 5 || time.Since(began) > 10*time.Second {
		t.Errorf("%d spans lost after %v", lost, time.Since(began))
	}
}

func TestSpansThatACollectorRefusesAreCounted(t *testing.T) {
	for refused, want := range map[int64]int64{0: 0, 2: 2, -1: 0, 1 << 40: 5} {
		got := &collected{answer: &collector.ExportTraceServiceResponse{
			PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: refused, ErrorMessage: hostile[:6]},
		}}
		server := httptest.NewServer(got)
		if lost := traced(t, server.URL, nil); lost != want {
			t.Errorf("%d refused: %d lost", refused, lost)
		}
		server.Close()
	}
}

const tables = 1200

// many makes the trace of a run with many tables. The number is the constant tables.
func many(t *testing.T, url string) *tracing.Trace {
	t.Helper()
	trace, err := tracing.New(t.Context(), map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	r := report.New(trace, time.Now)
	for i := range tables {
		name := fmt.Sprintf("t%d", i)
		r.TableStart(name, 1, 1)
		r.TableDone(name, 1)
	}
	r.End(report.Published, 0)
	r.Close()
	r.Phase("late")
	r.End(report.Published, 0)
	return trace
}

func TestManySpansAreSentInBatches(t *testing.T) {
	got := &collected{}
	server := httptest.NewServer(got)
	defer server.Close()
	trace := many(t, server.URL)
	ids := map[string]bool{}
	for _, s := range got.spans {
		ids[string(s.SpanId)] = true
	}
	if len(got.spans) != tables+1 || len(ids) != tables+1 || trace.Lost() != 0 || slices.Max(got.sizes) > 512 {
		t.Errorf("%d spans with %d ids in batches of %v, %d lost", len(got.spans), len(ids), got.sizes, trace.Lost())
	}
}

// TestTheEndOfARunWaitsOnce checks that the limit of the wait at the end of a run is for all batches together.
func TestTheEndOfARunWaitsOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer server.Close()
	began := time.Now()
	if lost := many(t, server.URL).Lost(); lost != tables+1 || time.Since(began) > 6*time.Second {
		t.Errorf("%d spans lost after %v", lost, time.Since(began))
	}
}

func TestACollectorIsKnownByItsCertificate(t *testing.T) {
	got := &collected{}
	server := httptest.NewUnstartedServer(got)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the server logs refused connections, which the test causes on purpose
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	authority := file(t, "CERTIFICATE", server.Certificate().Raw)
	own := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"OTEL_EXPORTER_OTLP_CERTIFICATE":        authority,
		"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": file(t, "CERTIFICATE", own.Certificate[0]),
		"OTEL_EXPORTER_OTLP_CLIENT_KEY":         file(t, "PRIVATE KEY", key),
	}
	if lost := traced(t, server.URL, env); lost != 0 || len(got.spans) != 5 {
		t.Errorf("%d spans arrived, %d lost", len(got.spans), lost)
	}
	for _, without := range []string{"OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"} {
		less := map[string]string{}
		for name, value := range env {
			if name != without {
				less[name] = value
			}
		}
		if lost := traced(t, server.URL, less); lost != 5 {
			t.Errorf("without %s: %d lost", without, lost)
		}
	}
	env["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318"
	if trace, err := tracing.New(t.Context(), env, "v1"); err == nil {
		t.Errorf("certificates are taken for an address without TLS: %v", trace)
	}
}

func file(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// FuzzRejected compares rejected with a decoder that uses OpenTelemetry's published types.
func FuzzRejected(f *testing.F) {
	for _, n := range []int64{0, 1, -1, 1 << 40} {
		answer, err := proto.Marshal(&collector.ExportTraceServiceResponse{
			PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: n, ErrorMessage: "why"},
		})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(answer)
	}
	f.Add([]byte("\x0a\x03\x0a\x01\x05")) // a text in the place of the number
	f.Fuzz(func(t *testing.T, data []byte) {
		got := tracing.Rejected(data)
		var answer collector.ExportTraceServiceResponse
		if proto.Unmarshal(data, &answer) != nil {
			return
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(&answer)
		if err == nil && bytes.Equal(again, data) && got != answer.PartialSuccess.GetRejectedSpans() {
			t.Errorf("%x: %d, want %d", data, got, answer.PartialSuccess.GetRejectedSpans())
		}
	})
}
