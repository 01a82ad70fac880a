// Package external runs the programs of the treatment "command". Each program runs in its own process group, with only
// three environment variables. On Linux, the program is a sealed copy in memory. If the kernel has a version of
// Landlock that is new enough, the program can read only the files that its rule lists, and those of the system.
// Otherwise it can read what masker's user can read. Masker and the program exchange JSON lines.
//
// A program gets raw values, so masker never shows what the program writes. If a program breaks the protocol, masker
// kills the program and returns an error. The text of the error is masker's own.
package external

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/process"
	"github.com/masker-project/masker/pkg/transform"
)

// MaxReply is the maximum length in bytes of the line that answers a request.
const MaxReply = 64 << 20

// exitPatience is how long a program may take to exit after its input has ended.
const exitPatience = 5 * time.Second

// Runner finds and starts programs.
type Runner struct {
	Dir     string   // the programs' working directory; relative paths of programs start here
	Path    string   // the programs' PATH; programs without a slash in their name are searched in it
	Private []string // absolute paths of files and folders that no program may read: keys and the ledger
}

// Process is a running program. Only one goroutine at a time may use it.
type Process struct {
	cmd     *exec.Cmd
	in      *os.File
	out     *os.File
	lines   *bufio.Reader
	timeout time.Duration
	request bytes.Buffer
	line    []byte
	id      int64
	failed  error       // the first failure; every later call of Treat returns it, because a later answer may belong to an earlier request
	forget  func() bool // after this call, the end of the context does not kill the program
	closed  bool
}

// Start starts the program. The program runs until Close is called on the Process, or until ctx ends.
func (s *Sealed) Start(ctx context.Context) (*Process, error) {
	cmd := &exec.Cmd{
		Path: s.files[0].path,
		Args: slices.Clone(s.command.Run),
		Dir:  s.runner.Dir,
		Env:  []string{"PATH=" + s.runner.Path, "LANG=C.UTF-8", "TZ=UTC"},
	}
	process.Group(cmd)
	p := &Process{cmd: cmd, timeout: s.command.Timeout}
	if err := p.start(s.start); err != nil {
		return nil, fault("program-not-started", "the program cannot be executed")
	}
	p.forget = context.AfterFunc(ctx, p.kill)
	return p, nil
}

// kill ends the program and every program that it started.
func (p *Process) kill() { process.Kill(p.cmd) }

// start connects the program to pipes that support deadlines, and starts it. Its stderr is discarded, because it may
// quote values.
func (p *Process) start(start func(*exec.Cmd) error) error {
	childIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, childIn.Close(), in.Close())
	}
	p.in, p.out, p.lines = in, out, bufio.NewReaderSize(out, 64<<10)
	p.cmd.Stdin, p.cmd.Stdout = childIn, childOut
	err = start(p.cmd)
	childIn.Close()
	childOut.Close()
	if err != nil {
		in.Close()
		out.Close()
	}
	return err
}

type request struct {
	ID     int64    `json:"id"`
	Column string   `json:"column"`
	Values []string `json:"values"`
}

type reply struct {
	ID     *int64    `json:"id"`
	Values []*string `json:"values"`
	Error  *string   `json:"error"` // may quote values and is never shown
}

// Treat sends a batch of values of one column to the program. It returns one answer for each value, nil for NULL.
func (p *Process) Treat(column string, values [][]byte) ([][]byte, error) {
	if p.failed != nil {
		return nil, p.failed
	}
	p.id++
	r := request{ID: p.id, Column: column, Values: make([]string, len(values))}
	for i, v := range values {
		if !utf8.Valid(v) {
			return nil, fault("not-utf8", "the value is not valid UTF-8, and JSON cannot hold it; use another treatment for the column")
		}
		r.Values[i] = string(v)
	}
	p.request.Reset()
	enc := json.NewEncoder(&p.request)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fault("program-failed", "the request cannot be written as JSON")
	}
	answers, err := p.exchange(len(values))
	if err != nil {
		p.failed = err
		p.kill()
	}
	return answers, err
}

// exchange writes the request and reads the answer at the same time, because a program may answer before it has read
// the whole request.
func (p *Process) exchange(want int) ([][]byte, error) {
	deadline := time.Now().Add(p.timeout)
	if err := errors.Join(p.in.SetWriteDeadline(deadline), p.out.SetReadDeadline(deadline)); err != nil {
		return nil, fault("program-died", "the program has ended")
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := p.in.Write(p.request.Bytes())
		wrote <- err
	}()
	line, err := p.readLine()
	if err != nil {
		p.kill()
	}
	if werr := <-wrote; err == nil && werr != nil {
		err = fault("program-bad-reply", "the program answered without reading the whole request")
	}
	if err != nil {
		return nil, err
	}
	return p.answers(line, want)
}

func (p *Process) readLine() ([]byte, error) {
	p.line = p.line[:0]
	for {
		part, err := p.lines.ReadSlice('\n')
		if len(p.line)+len(part) > MaxReply {
			return nil, fault("program-too-much", "the program's answer is longer than 64 MB; lower batch")
		}
		p.line = append(p.line, part...)
		switch {
		case err == nil:
			return p.line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, fault("program-timeout", "the program did not answer in time; raise timeout, or lower batch")
		default:
			return nil, fault("program-died", "the program ended without an answer")
		}
	}
}

// answers parses the line of an answer. The argument want is the number of values that the answer must have.
func (p *Process) answers(line []byte, want int) ([][]byte, error) {
	bad := fault("program-bad-reply", `the program's answer is not a line {"id": …, "values": […]} of JSON in UTF-8`)
	if !utf8.Valid(line) {
		return nil, bad
	}
	var r reply
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, bad
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, bad
	}
	switch {
	case r.Error != nil:
		return nil, fault("program-failed", "the program reported an error; its text is not shown, because it may quote values")
	case r.ID == nil || r.Values == nil:
		return nil, bad
	case *r.ID != p.id:
		return nil, fault("program-wrong-id", "the id of the program's answer is not the id of the request")
	case len(r.Values) != want:
		return nil, fault("program-wrong-count", "the number of the program's answers is not the number of values that it got")
	}
	out := make([][]byte, want)
	for i, v := range r.Values {
		if v == nil {
			continue
		}
		if strings.ContainsRune(*v, 0) || strings.ContainsRune(*v, utf8.RuneError) { // the decoder turns a lone surrogate into U+FFFD
			return nil, fault("program-bad-text", "an answer of the program contains a NUL, a lone surrogate or U+FFFD")
		}
		out[i] = append([]byte{}, *v...)
	}
	return out, nil
}

// Close ends the program's input and waits until the program exits. It kills a program that takes longer than
// exitPatience. If the program does not exit with 0, Close returns an error, unless Treat has returned one before.
func (p *Process) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.in.Close()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	var err error
	select {
	case err = <-done:
	case <-time.After(exitPatience):
		p.kill()
		err = <-done
	}
	p.forget()
	p.kill() // ends programs that it started and that still run
	p.out.Close()
	if err != nil && p.failed == nil {
		return fault("program-died", "the program did not exit with 0 after its input had ended")
	}
	return nil
}

func fault(code, text string) error { return &transform.Error{Code: code, Text: text} }
