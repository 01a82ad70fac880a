// Package external runs the programs of the treatment command: starts each in a process group of its
// own with next to no environment, speaks JSON lines with it, and ends it.
//
// Nothing a program writes is ever shown: it was given values. Whatever it does wrong is an error in
// masker's own words, and the program is killed.
package external

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/process"
	"github.com/masker-project/masker/pkg/program"
	"github.com/masker-project/masker/pkg/transform"
)

// MaxReply bounds the line that answers one request, in bytes.
const MaxReply = 64 << 20

// exitPatience is how long a program may take to end once its input has ended.
const exitPatience = 5 * time.Second

// Runner starts programs.
type Runner struct {
	Dir  string // where they run, and where paths start from
	Path string // PATH, for them and for finding them
}

// Process is a running program. It belongs to one goroutine.
type Process struct {
	cmd     *exec.Cmd
	in      *os.File
	out     *os.File
	lines   *bufio.Reader
	timeout time.Duration
	request bytes.Buffer
	line    []byte
	id      int64
	failed  error // sticky: after a failure there is no knowing what it would answer
	forget  func() bool
	closed  bool
}

// Start starts a command. It lives until Close, or until ctx ends.
func (r Runner) Start(ctx context.Context, c transform.Command) (*Process, error) {
	if err := r.pinned(c); err != nil {
		return nil, err
	}
	file, err := r.file(c.Run[0])
	if err != nil {
		return nil, fault("program-not-started", "the program is not there, or is not to be run")
	}
	cmd := exec.Command(file, c.Run[1:]...)
	cmd.Args[0] = c.Run[0]
	cmd.Dir = r.Dir
	cmd.Env = []string{"PATH=" + r.Path, "LANG=C.UTF-8", "TZ=UTC"}
	process.Group(cmd)
	p := &Process{cmd: cmd, timeout: c.Timeout}
	if err := p.start(); err != nil {
		return nil, fault("program-not-started", "the program is not there, or is not to be run")
	}
	p.forget = context.AfterFunc(ctx, p.kill)
	return p, nil
}

// kill ends the program and whatever it started.
func (p *Process) kill() { process.Kill(p.cmd) }

// start connects pipes whose ends here take deadlines. stderr goes nowhere: it may quote values.
func (p *Process) start() error {
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
	err = p.cmd.Start()
	childIn.Close()
	childOut.Close()
	if err != nil {
		in.Close()
		out.Close()
	}
	return err
}

// file finds a program: a path with a slash from Dir, a bare name in PATH.
func (r Runner) file(name string) (string, error) { return program.Find(name, r.Dir, r.Path) }

// Digest is the SHA-256 of the program's file, in hex.
func (r Runner) Digest(c transform.Command) (string, error) {
	file, err := r.file(c.Run[0])
	if err != nil {
		return "", fault("program-not-started", "the program is not there")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fault("program-not-started", "the program's file cannot be read")
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault("program-not-started", "the program's file cannot be read")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pinned refuses a program that is not the one the rule pins.
func (r Runner) pinned(c transform.Command) error {
	if c.SHA256 == "" {
		return nil
	}
	have, err := r.Digest(c)
	if err != nil {
		return err
	}
	if have != c.SHA256 {
		return fault("program-changed", "the program's file is not the one that sha256 pins; review it, and put its new digest into the rule")
	}
	return nil
}

type request struct {
	ID     int64    `json:"id"`
	Column string   `json:"column"`
	Values []string `json:"values"`
}

type reply struct {
	ID     *int64    `json:"id"`
	Values []*string `json:"values"`
	Error  *string   `json:"error"` // that it is there is all that is told
}

// Treat sends one batch of values of a column and gives an answer for each, nil for NULL.
func (p *Process) Treat(column string, values [][]byte) ([][]byte, error) {
	if p.failed != nil {
		return nil, p.failed
	}
	p.id++
	r := request{ID: p.id, Column: column, Values: make([]string, len(values))}
	for i, v := range values {
		if !utf8.Valid(v) {
			return nil, fault("not-utf8", "the value is no valid UTF-8, which JSON cannot carry; treat the column otherwise")
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

// exchange writes the request while it reads the answer: a program may answer before it has read all.
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
		err = fault("program-bad-reply", "the program answered before it had read the request, or reads no more")
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

// answers reads the line of an answer strictly.
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
		return nil, fault("program-failed", "the program says that it failed; its reason may quote values and is not shown")
	case r.ID == nil || r.Values == nil:
		return nil, bad
	case *r.ID != p.id:
		return nil, fault("program-wrong-id", "the program answered another request than the one it was sent")
	case len(r.Values) != want:
		return nil, fault("program-wrong-count", "the program gave more or fewer answers than there were values")
	}
	out := make([][]byte, want)
	for i, v := range r.Values {
		if v == nil {
			continue
		}
		if strings.ContainsRune(*v, 0) || strings.ContainsRune(*v, utf8.RuneError) { // a lone surrogate reads as U+FFFD
			return nil, fault("program-bad-text", "an answer holds a NUL, a lone surrogate or U+FFFD")
		}
		out[i] = append([]byte{}, *v...)
	}
	return out, nil
}

// Close ends the program's input and waits for it to end. A program that ends otherwise than well has failed.
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
	p.kill() // what it started and left behind
	p.out.Close()
	if err != nil && p.failed == nil {
		return fault("program-died", "the program did not end well once its input had ended: it must exit with 0")
	}
	return nil
}

func fault(code, text string) error { return &transform.Error{Code: code, Text: text} }
