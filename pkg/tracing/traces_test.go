package tracing_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/tracing"
)

const hostile = "CANARY \x1b[31m \xff value"

// collected is a collector. It stores what it got.
type collected struct {
	mu       sync.Mutex
	spans    []*tracepb.Span
	resource *resourcepb.Resource
	raw      []byte
	auth     string
	sizes    []int                                 // numbers of spans in the requests
	answer   *collector.ExportTraceServiceResponse // nil for none
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := decoded(r)
	var req collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || strictly(body, &req) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw, c.auth = append(c.raw, body...), r.Header.Get("Authorization")
	before := len(c.spans)
	for _, rs := range req.ResourceSpans {
		c.resource = rs.Resource
		for _, ss := range rs.ScopeSpans {
			c.spans = append(c.spans, ss.Spans...)
		}
	}
	c.sizes = append(c.sizes, len(c.spans)-before)
	w.Header().Set("Content-Type", "application/x-protobuf")
	if c.answer != nil {
		out, _ := proto.Marshal(c.answer)
		_, _ = w.Write(out)
	}
}

func decoded(r *http.Request) ([]byte, error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = z
	}
	return io.ReadAll(body)
}

// strictly decodes with the types that OpenTelemetry publishes. A field that they do not have is an error.
func strictly(body []byte, into proto.Message) error {
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, into); err != nil {
		return err
	}
	if n := proto.Size(into); n != len(body) {
		return fmt.Errorf("%d of %d bytes are of no field", len(body)-n, len(body))
	}
	return nil
}

// attributes returns the attributes of a span as texts.
func attributes(s *tracepb.Span) map[string]string {
	m := map[string]string{}
	for _, a := range s.Attributes {
		m[a.Key] = a.Value.GetStringValue()
		if m[a.Key] == "" {
			m[a.Key] = strings.TrimSpace(strings.TrimPrefix(a.Value.String(), "int_value:"))
		}
	}
	return m
}

// refresh sends the events of a run to a trace. Texts in these events are hostile.
func refresh(t *testing.T, trace *tracing.Trace, outcome report.Outcome, code int) {
	t.Helper()
	clock := time.Unix(1_700_000_000, 0)
	r := report.New(trace, func() time.Time { clock = clock.Add(time.Second); return clock })
	r.SetRun("", "nightly")
	r.Phase("connect")
	r.Begin(report.Begin{Run: "r1", Flow: "nightly", Source: "production (shop)", Target: "staging (shop)"})
	r.Phase("rows")
	r.TableStart("public.a", 10, 100)
	r.TableStart("public."+"\x1b[31mb\xff", 10, 100)
	r.Rows("public.a", 7, 70)
	r.TableDone("public.a", 7)
	r.Note(hostile)
	r.Undelivered(hostile, hostile)
	r.Step("finish", hostile)
	r.Fail(code, hostile)
	r.End(outcome, code)
	r.Close()
}

func TestARefreshIsOneTrace(t *testing.T) {
	defer goleak.VerifyNone(t)
	got := &collected{}
	server := httptest.NewServer(got)
	defer server.Close()
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL}
	trace, err := tracing.New(t.Context(), env, "v1")
	if err != nil || trace == nil {
		t.Fatal(trace, err)
	}
	refresh(t, trace, report.Failed, 1)
	if trace.Lost() != 0 {
		t.Errorf("%d spans lost", trace.Lost())
	}
	if strings.Contains(string(got.raw), "CANARY") {
		t.Errorf("a text that is no name was sent")
	}
	byName := map[string]*tracepb.Span{}
	for _, s := range got.spans {
		a := attributes(s)
		name := s.Name + " " + a["masker.phase"] + a["masker.table"]
		byName[name] = s
		if strings.Contains(name, "\x1b") {
			t.Errorf("%q commands a terminal", name)
		}
		if string(s.TraceId) != string(got.spans[0].TraceId) {
			t.Errorf("%s is in a trace of its own", name)
		}
		if s.EndTimeUnixNano <= s.StartTimeUnixNano {
			t.Errorf("%s ends before it starts", name)
		}
	}
	whole, connect, rows, a := byName["refresh "], byName["phase connect"], byName["phase rows"], byName["table public.a"]
	if len(got.spans) != 5 || whole == nil || connect == nil || rows == nil || a == nil {
		t.Fatalf("spans: %v", byName)
	}
	if string(connect.ParentSpanId) != string(whole.SpanId) || string(rows.ParentSpanId) != string(whole.SpanId) || string(a.ParentSpanId) != string(rows.SpanId) {
		t.Error("phases are not under the refresh, or tables not under their phase")
	}
	if f := attributes(whole); f["masker.run"] != "r1" || f["masker.flow"] != "nightly" || f["masker.outcome"] != "failed" || f["masker.rows"] != "7" {
		t.Errorf("the refresh: %v", f)
	}
	if whole.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || rows.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || connect.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
		t.Error("what was going on when it failed is not marked, or more than that")
	}
	if f := attributes(a); f["masker.rows"] != "7" || f["masker.bytes"] != "70" || a.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("the table that arrived: %v", f)
	}
}

// TestACollectorThatIsAwayCostsNothingElse checks collectors that refuse, do not answer, or do not listen. Tracing
// must give no error and must end. Lost must count the spans.
func TestACollectorThatIsAwayCostsNothingElse(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, hostile, http.StatusForbidden) },
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"closed": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			if handler == nil {
				server.Close()
			}
			defer server.Close()
			trace, err := tracing.New(t.Context(), map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": server.URL}, "v1")
			if err != nil {
				t.Fatal(err)
			}
			refresh(t, trace, report.Published, 0)
			if trace.Lost() == 0 {
				t.Error("nobody is told that spans did not arrive")
			}
		})
	}
}

func TestWhereNobodyAsksThereIsNoTrace(t *testing.T) {
	for _, env := range []map[string]string{
		{},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": " "},
		{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
		{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
	} {
		if trace, err := tracing.New(t.Context(), env, "v1"); trace != nil || err != nil {
			t.Errorf("%v: %v %v", env, trace, err)
		}
	}
}

// TestC6MalformedVariablesAreNotRepeated checks that errors name a malformed variable and do not quote its value.
func TestC6MalformedVariablesAreNotRepeated(t *testing.T) {
	const secret = "s3cret"
	at := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        "http://user:" + secret + "@127.0.0.1",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": secret + "://127.0.0.1",
		"OTEL_EXPORTER_OTLP_PROTOCOL":        "grpc" + secret,
		"OTEL_EXPORTER_OTLP_HEADERS":         "Authorization " + secret,
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS":  "Authorization=%zz" + secret,
		"OTEL_EXPORTER_OTLP_TIMEOUT":         secret,
		"OTEL_EXPORTER_OTLP_CERTIFICATE":     "/no/such/" + secret,
		"OTEL_RESOURCE_ATTRIBUTES":           secret,
	} {
		env := map[string]string{name: value}
		for k, v := range at {
			if k != name {
				env[k] = v
			}
		}
		_, err := tracing.New(t.Context(), env, "v1")
		if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestC6TheExporterPrintsNothing runs a trace in a separate process, and checks its output. A library could print
// directly to standard error. masker could not make this text safe to show.
func TestC6TheExporterPrintsNothing(t *testing.T) {
	if os.Getenv("MASKER_TRACED") != "" {
		env := map[string]string{}
		for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"} {
			env[name] = os.Getenv(name)
		}
		trace, err := tracing.New(context.Background(), env, "v1")
		if err != nil {
			t.Fatal(err)
		}
		refresh(t, trace, report.Published, 0)
		return
	}
	got := &collected{}
	good := httptest.NewServer(got)
	defer good.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	_ = l.Close()
	for _, to := range []string{good.URL, closed} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestC6TheExporterPrintsNothing$")
		cmd.Env = append(os.Environ(), "MASKER_TRACED=1", "OTEL_EXPORTER_OTLP_ENDPOINT="+to, "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20s3cret")
		out, err := cmd.CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "PASS" {
			t.Errorf("%s: %v: %s", to, err, out)
		}
	}
	if got.auth != "Bearer s3cret" {
		t.Errorf("the header sent was %q", got.auth)
	}
}
