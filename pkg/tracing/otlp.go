package tracing

import (
	"crypto/rand"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/masker-project/masker/pkg/report"
)

// This file encodes messages of OpenTelemetry's protocol (OTLP) by hand, because masker needs only a few fields. The
// numbers of the fields come from trace_service.proto, trace.proto, resource.proto and common.proto. They never change.

// span is a span that has begun.
type span struct {
	id, parent [8]byte // parent is zero for the refresh's span
	name       string
	began      time.Time
	attributes []byte // encoded attributes
	failed     bool
}

func newSpan(parent *span, name string, began time.Time) *span {
	s := &span{name: name, began: began}
	_, _ = rand.Read(s.id[:]) // never fails: crypto/rand ends the program instead
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
	s.attributes = appendAttribute(s.attributes, attributesOfSpan, key, appendVarint(nil, 3, uint64(value))) // the field int_value
}

// moved adds the numbers of rows and bytes in an event as attributes.
func (s *span) moved(e report.Event) {
	if e.Rows != nil {
		s.number("masker.rows", *e.Rows)
	}
	if e.Bytes != nil {
		s.number("masker.bytes", *e.Bytes)
	}
}

// ended ends the span and returns it as an encoded message Span.
func (s *span) ended(trace [16]byte, at time.Time) []byte {
	const (
		internal    = 1     // SPAN_KIND_INTERNAL
		statusError = 2     // STATUS_CODE_ERROR
		flags       = 0x101 // the span is sampled, and its parent is in this process
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

// request returns an encoded message ExportTraceServiceRequest with spans of one resource and one scope.
func request(resource []byte, spans [][]byte) []byte {
	scope := appendBytes(nil, 1, appendBytes(nil, 1, []byte("github.com/masker-project/masker")))
	for _, s := range spans {
		scope = appendBytes(scope, 2, s)
	}
	return appendBytes(nil, 1, appendBytes(appendBytes(nil, 1, resource), 2, scope))
}

// rejected returns the number of rejected spans in an encoded message ExportTraceServiceResponse.
func rejected(response []byte) int64 {
	partial, _ := protowire.ConsumeBytes(field(response, 1, protowire.BytesType))
	n, _ := protowire.ConsumeVarint(field(partial, 1, protowire.VarintType))
	return int64(n)
}

// field returns the encoded value of a message's field, or nil if the message does not have the field.
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

// appendText appends an attribute with a text. It makes the text valid UTF-8 and safe for a terminal. A collector
// could otherwise refuse the whole batch because of one table's name.
func appendText(b []byte, of protowire.Number, key, value string) []byte {
	return appendAttribute(b, of, key, appendBytes(nil, 1, []byte(report.Clean(value)))) // the field string_value
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
