// Package tracing sends a refresh as an OpenTelemetry trace: one span for the refresh, one for each phase, one for
// each table. It is a renderer of the events that people see.
//
// It must not steer a refresh, nor fail or slow one down: a collector that is away is nobody's reason to have no
// staging tomorrow. A span names tables, and tells counts, times and codes; it is never given a value, and the text
// of an error or a note stays here.
package tracing

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/masker-project/masker/pkg/report"
)

// flushing bounds how long the end of a run waits for a collector.
const flushing = 3 * time.Second

// Trace is a renderer that sends the trace of one refresh.
type Trace struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	export   *quiet
	ctx      context.Context // of the refresh's span: the parent of every other
	refresh  trace.Span
	inPhase  context.Context
	phase    trace.Span
	tables   map[string]trace.Span
}

// New makes a renderer that sends spans to where the standard variables in env say; nil where they do not say.
func New(ctx context.Context, env map[string]string, version string) (*Trace, error) {
	to, err := endpoint(env)
	if to == "" || err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(ctx, otlptracehttp.NewClient(
		otlptracehttp.WithEndpointURL(to),
		otlptracehttp.WithTimeout(flushing),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: time.Second, MaxElapsedTime: flushing}),
	))
	if err != nil {
		return nil, fmt.Errorf("traces: the exporter could not be made (%T)", err) // its text quotes variables
	}
	export := &quiet{SpanExporter: exporter}
	provider := sdk.NewTracerProvider(
		sdk.WithSampler(sdk.AlwaysSample()),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "masker"),
			attribute.String("service.version", report.Clean(version)),
		)),
		sdk.WithBatcher(export, sdk.WithMaxQueueSize(1<<14), sdk.WithExportTimeout(flushing)),
	)
	return &Trace{
		provider: provider, tracer: provider.Tracer("github.com/masker-project/masker"), export: export,
		tables: make(map[string]trace.Span),
	}, nil
}

// quiet keeps to itself what goes wrong with an export: the library would print it, with addresses and answers of servers.
type quiet struct {
	sdk.SpanExporter
	lost atomic.Int64
}

func (q *quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := q.SpanExporter.ExportSpans(ctx, spans); err != nil {
		q.lost.Add(int64(len(spans)))
	}
	return nil
}

// Lost is how many spans did not arrive; it is known after Close.
func (t *Trace) Lost() int64 { return t.export.lost.Load() }

// Every implements report.Renderer: a trace has no use for progress.
func (t *Trace) Every() time.Duration { return time.Hour }

// Event implements report.Renderer.
func (t *Trace) Event(e report.Event) {
	if t.refresh == nil {
		t.ctx, t.refresh = t.start(context.Background(), "refresh", e)
	}
	switch e.Type {
	case report.EventBegin:
		t.refresh.SetAttributes(text("masker.run", e.Run), text("masker.flow", e.Flow), text("masker.source", e.Source), text("masker.target", e.Target))
	case report.EventPhase:
		t.endPhase(e)
		t.inPhase, t.phase = t.start(t.ctx, "phase", e, text("masker.phase", e.Phase))
	case report.EventTableStart:
		parent := t.ctx
		if t.phase != nil {
			parent = t.inPhase
		}
		_, t.tables[e.Table] = t.start(parent, "table", e, text("masker.table", e.Table))
	case report.EventTableDone:
		if span := t.tables[e.Table]; span != nil {
			span.SetAttributes(moved(e)...)
			span.End(trace.WithTimestamp(e.Time))
			delete(t.tables, e.Table)
		}
	case report.EventEnd:
		t.end(e)
	}
}

func (t *Trace) start(parent context.Context, name string, e report.Event, with ...attribute.KeyValue) (context.Context, trace.Span) {
	return t.tracer.Start(parent, name, trace.WithTimestamp(e.Time), trace.WithAttributes(with...))
}

func (t *Trace) endPhase(e report.Event) {
	if t.phase != nil {
		t.phase.End(trace.WithTimestamp(e.Time))
	}
	t.phase, t.inPhase = nil, nil
}

// end closes what is open. A run that did not publish leaves its mark on all of it, as a code: a text could quote data.
func (t *Trace) end(e report.Event) {
	good := e.Outcome == report.Published || e.Outcome == report.Afterwards
	for _, span := range t.tables {
		span.SetStatus(codes.Error, "")
		span.End(trace.WithTimestamp(e.Time))
	}
	clear(t.tables)
	if t.phase != nil && !good {
		t.phase.SetStatus(codes.Error, "")
	}
	t.endPhase(e)
	if e.Outcome != report.Published {
		t.refresh.SetStatus(codes.Error, "")
	}
	t.refresh.SetAttributes(text("masker.flow", e.Flow), text("masker.outcome", string(e.Outcome)), attribute.Int("masker.exit_code", e.ExitCode))
	t.refresh.SetAttributes(moved(e)...)
	t.refresh.End(trace.WithTimestamp(e.Time))
}

// Close implements report.Renderer. It waits a bounded time for the collector.
func (t *Trace) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), flushing)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.export.lost.Add(1) // at least
	}
}

func moved(e report.Event) []attribute.KeyValue {
	var out []attribute.KeyValue
	if e.Rows != nil {
		out = append(out, attribute.Int64("masker.rows", *e.Rows))
	}
	if e.Bytes != nil {
		out = append(out, attribute.Int64("masker.bytes", *e.Bytes))
	}
	return out
}

// text is an attribute that is valid UTF-8 and commands nothing: a table's name may be neither, and would take the
// whole batch down with it.
func text(key, value string) attribute.KeyValue { return attribute.String(key, report.Clean(value)) }
