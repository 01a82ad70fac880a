package tracing

import (
	"crypto/rand"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/masker-project/masker/pkg/report"
)

// What is sent is a message of OpenTelemetry's protocol, OTLP. The numbers of its fields are those of trace.proto,
// resource.proto and common.proto. They never change, and what is needed of them are a few.

// span is a span that has begun.
type span struct {
	id, parent [8]byte // parent is zero for the first one
	name       string
	began      time.Time
	attributes []byte // encoded
	failed     bool
}

func newSpan(parent *span, name string, began time.Time) *span {
	s := &span{name: name, began: began}
	_, _ = rand.Read(s.id[:]) // it never fails
	if parent != nil {
		s.parent = parent.id
	}
	return s
}

const (
	attributesOfSpan     = 9
	attributesOfResource = 1
)

func (s *span) text(key, value string) {
	s.attributes = appendText(s.attributes, attributesOfSpan, key, value)
}

func (s *span) number(key string, value int64) {
	s.attributes = appendAttribute(s.attributes, attributesOfSpan, key, appendVarint(nil, 3, uint64(value))) // int_value
}

// moved tells what an event says was moved.
func (s *span) moved(e report.Event) {
	if e.Rows != nil {
		s.number("masker.rows", *e.Rows)
	}
	if e.Bytes != nil {
		s.number("masker.bytes", *e.Bytes)
	}
}

// ended is the span as a message Span.
func (s *span) ended(trace [16]byte, at time.Time) []byte {
	const (
		internal    = 1     // SPAN_KIND_INTERNAL
		statusError = 2     // STATUS_CODE_ERROR
		flags       = 0x101 // sampled, and known to have its parent in this process
	)
	b := appendBytes(nil, 1, trace[:])
	b = appendBytes(b, 2, s.id[:])
	if s.parent != [8]byte{} {
		b = appendBytes(b, 4, s.parent[:])
	}
	b = appendBytes(b, 5, []byte(s.name))
	b = appendVarint(b, 6, internal)
	b = appendTime(b, 7, s.began)
	b = appendTime(b, 8, at)
	b = append(b, s.attributes...)
	if s.failed {
		b = appendBytes(b, 15, appendVarint(nil, 3, statusError))
	}
	b = protowire.AppendTag(b, 16, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, flags)
}

// request is a message ExportTraceServiceRequest: spans of one resource and one scope.
func request(resource []byte, spans [][]byte) []byte {
	scope := appendBytes(nil, 1, appendBytes(nil, 1, []byte("github.com/masker-project/masker")))
	for _, s := range spans {
		scope = appendBytes(scope, 2, s)
	}
	return appendBytes(nil, 1, appendBytes(appendBytes(nil, 1, resource), 2, scope))
}

// rejected is how many spans a message ExportTraceServiceResponse says were not taken.
func rejected(response []byte) int64 {
	partial, _ := protowire.ConsumeBytes(field(response, 1, protowire.BytesType))
	n, _ := protowire.ConsumeVarint(field(partial, 1, protowire.VarintType))
	return int64(n)
}

// field is a field of a message as it is encoded, nil where there is none.
func field(message []byte, number protowire.Number, kind protowire.Type) []byte {
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return nil
		}
		value := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if value < 0 {
			return nil
		}
		if num == number && typ == kind {
			return message[tag : tag+value]
		}
		message = message[tag+value:]
	}
	return nil
}

// appendText makes the value valid UTF-8 that commands nothing. A table's name may be neither, and would take the
// whole batch down with it.
func appendText(b []byte, of protowire.Number, key, value string) []byte {
	return appendAttribute(b, of, key, appendBytes(nil, 1, []byte(report.Clean(value)))) // string_value
}

func appendAttribute(b []byte, of protowire.Number, key string, value []byte) []byte {
	return appendBytes(b, of, appendBytes(appendBytes(nil, 1, []byte(key)), 2, value))
}

func appendBytes(b []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), value)
}

func appendVarint(b []byte, number protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), value)
}

func appendTime(b []byte, number protowire.Number, at time.Time) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, number, protowire.Fixed64Type), uint64(at.UnixNano()))
}
