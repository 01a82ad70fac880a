package notify

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// postOffice is a mail server that passes the mails that it gets to the test.
type postOffice struct {
	users bool  // the server asks for a password
	err   error // the server's answer to every sender
	mails chan received
}

type received struct {
	from, user string
	to         []string
	data       []byte
	tls        bool
}

func (p *postOffice) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &visit{office: p, got: received{tls: encrypted}}, nil
}

type visit struct {
	office *postOffice
	got    received
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	if v.office.users && v.got.user == "" {
		return smtp.ErrAuthRequired
	}
	v.got.from = from
	return v.office.err
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.got.to = append(v.got.to, to)
	return nil
}

func (v *visit) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	v.got.data = data
	v.office.mails <- v.got
	return err
}

func (v *visit) AuthMechanisms() []string {
	if v.office.users {
		return []string{sasl.Plain}
	}
	return nil
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != canary {
			return smtp.ErrAuthFailed
		}
		v.got.user = user
		return nil
	}), nil
}

// open starts the server. If whole is true, connections use TLS from the beginning.
func (p *postOffice) open(t *testing.T, config *tls.Config, whole bool) string {
	t.Helper()
	p.mails = make(chan received, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(p)
	s.Domain, s.TLSConfig, s.AllowInsecureAuth = "mail.example.com", config, true
	s.ErrorLog = log.New(io.Discard, "", 0)
	address := l.Addr().String()
	if whole {
		l = tls.NewListener(l, config)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return address
}

// certificate makes a certificate for 127.0.0.1, and a pool with its authority.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, pool
}

func mailTo(t *testing.T, address string, trusted *x509.CertPool, change func(*Mail)) mailer {
	t.Helper()
	m := Mail{Server: address, From: "masker <masker@example.com>", To: []string{"alice@example.com", "bob@example.com"}}
	change(&m)
	c, ok := channel(t, Spec{Mail: &m}).(mailer)
	if !ok {
		t.Fatal("not a mailer")
	}
	c.tls.RootCAs = trusted
	return c
}

func TestMailArrives(t *testing.T) {
	config, trusted := certificate(t)
	for name, mode := range map[string]struct {
		whole, users bool
		change       func(*Mail)
	}{
		"starttls": {false, true, func(m *Mail) { m.User, m.Password = "masker", canary }},
		"tls":      {true, true, func(m *Mail) { m.User, m.Password, m.TLS = "masker", canary, "tls" }},
	} {
		t.Run(name, func(t *testing.T) {
			p := &postOffice{users: mode.users}
			c := mailTo(t, p.open(t, config, mode.whole), trusted, mode.change)
			if failed := quick().Send(t.Context(), []Channel{c}, finished()); failed != nil {
				t.Fatal(failed)
			}
			got := <-p.mails
			if !got.tls || got.user != "masker" || got.from != "masker@example.com" || len(got.to) != 2 {
				t.Errorf("tls %v, user %q, from %q, to %v", got.tls, got.user, got.from, got.to)
			}
			letter, err := netmail.ReadMessage(bytes.NewReader(got.data))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(quotedprintable.NewReader(letter.Body))
			if err != nil || strings.ReplaceAll(string(text), "\r\n", "\n") != finished().Text() {
				t.Errorf("%v: got\n%s", err, text)
			}
			if s := letter.Header.Get("Subject"); s != "masker: nightly finished" {
				t.Errorf("subject %q", s)
			}
		})
	}
}

func TestMailWithoutTLSOnLoopbackOnly(t *testing.T) {
	p := &postOffice{}
	address := p.open(t, nil, false)
	if failed := quick().Send(t.Context(), []Channel{mailTo(t, address, nil, func(*Mail) {})}, finished()); failed != nil {
		t.Error(failed)
	}
	<-p.mails
	// Now the mailer treats the same server like a server on another machine.
	far := mailTo(t, address, nil, func(*Mail) {})
	far.remote = true
	failed := quick().Send(t.Context(), []Channel{far}, finished())
	if len(failed) != 1 || !strings.HasPrefix(failed[0].Why, "the mail server offers no STARTTLS") || len(p.mails) != 0 {
		t.Errorf("got %v and %d mails", failed, len(p.mails))
	}
}

func TestHostileNamesAddNoHeaderToMail(t *testing.T) {
	p := &postOffice{}
	c := mailTo(t, p.open(t, nil, false), nil, func(m *Mail) {})
	m := loud()
	m.Event = EventFailure
	if failed := quick().Send(t.Context(), []Channel{c}, m); failed != nil {
		t.Fatal(failed)
	}
	got := <-p.mails
	letter, err := netmail.ReadMessage(bytes.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	if err != nil || letter.Header.Get("Bcc") != "" || len(got.to) != 2 || strings.ContainsAny(subject, "\r\n\x1b\x00\u202e") {
		t.Errorf("%v: bcc %q, subject %q", err, letter.Header.Get("Bcc"), subject)
	}
}

func TestFailuresOfMailQuoteNothing(t *testing.T) {
	config, trusted := certificate(t)
	refusing := func(code int) string {
		return (&postOffice{err: &smtp.SMTPError{Code: code, Message: canary}}).open(t, config, false)
	}
	login := func(m *Mail) { m.User, m.Password = "masker", "wrong-"+canary }
	for want, c := range map[string]mailer{
		"the mail server answers 451 (3 attempts)": mailTo(t, refusing(451), trusted, func(*Mail) {}),
		"the mail server answers 550":              mailTo(t, refusing(550), trusted, func(*Mail) {}),
		"its certificate is not trusted here":      mailTo(t, (&postOffice{}).open(t, config, false), nil, func(*Mail) {}),
		"the mail server does not accept user":     mailTo(t, (&postOffice{users: true}).open(t, config, false), trusted, login),
		"nothing listens there":                    mailTo(t, unused(t), nil, func(*Mail) {}),
	} {
		failed := quick().Send(t.Context(), []Channel{c}, finished())
		if len(failed) != 1 || !strings.HasPrefix(failed[0].Why, want) || strings.Contains(failed[0].Why, canary) {
			t.Errorf("want %q, got %v", want, failed)
		}
	}
}

func TestHangingMailServerIsGivenUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
		}
	}()
	defer func() { _ = l.Close(); <-done }()
	for _, mode := range []string{"starttls", "tls"} {
		failed := impatient().Send(t.Context(), []Channel{mailTo(t, l.Addr().String(), nil, func(m *Mail) { m.TLS = mode })}, finished())
		if len(failed) != 1 || failed[0].Why != "no answer in time (2 attempts)" {
			t.Errorf("%s: got %v", mode, failed)
		}
	}
}
