package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
)

// mailer sends mail by SMTP.
type mailer struct {
	wants
	Mail
	host   string
	port   int
	remote bool // the server is not on this machine
	tls    *tls.Config
}

const (
	startTLS    = "starttls"
	implicitTLS = "tls"
	noTLS       = "none"
)

func newMail(m Mail, on wants) (Channel, error) {
	host, digits, err := net.SplitHostPort(m.Server)
	port, perr := strconv.ParseUint(digits, 10, 16)
	if err != nil || perr != nil || host == "" || port == 0 {
		return nil, errors.New("notify: mail: server is host:port, such as mail.example.com:587")
	}
	if len(m.To) == 0 {
		return nil, errors.New("notify: mail: to is empty")
	}
	for _, a := range append([]string{m.From}, m.To...) {
		if _, err := netmail.ParseAddress(a); err != nil || strings.ContainsAny(a, "\r\n") {
			return nil, errors.New("notify: mail: from and to are addresses, such as masker@example.com")
		}
	}
	switch m.TLS {
	case "":
		m.TLS = startTLS
	case startTLS, implicitTLS, noTLS:
	default:
		return nil, fmt.Errorf("notify: mail: tls is %s, %s or %s", startTLS, implicitTLS, noTLS)
	}
	switch {
	case (m.User == "") != (m.Password == ""):
		return nil, errors.New("notify: mail: user and password belong together; is the password's variable set?")
	case m.User != "" && m.TLS == noTLS && !loopback(host):
		return nil, errors.New("notify: mail: a password is not sent without TLS")
	}
	return mailer{on, m, host, int(port), !loopback(host), &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}}, nil
}

func (mailer) Name() string { return "mail" }

// Send dials the connection itself and closes it when ctx ends. The library has timeouts for single steps only.
func (m mailer) Send(ctx context.Context, msg Message) error {
	letter, err := m.letter(msg)
	if err != nil {
		return fault{why: "its addresses are not accepted", final: true}
	}
	var conn net.Conn
	client, err := mail.NewClient(m.host, m.options(func(_ context.Context, network, address string) (net.Conn, error) {
		var err error
		conn, err = m.dial(ctx, network, address)
		return conn, err
	})...)
	if err != nil {
		return fault{why: "its server's name is not accepted", final: true}
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if conn != nil {
		_ = conn.Close() // the library leaves the connection open after some errors
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fault{why: "no answer in time"}
	}
	return mailFault(err)
}

func (m mailer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var conn net.Conn
	var err error
	if m.TLS == implicitTLS {
		conn, err = (&tls.Dialer{Config: m.tls}).DialContext(ctx, network, address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if err == nil {
		context.AfterFunc(ctx, func() { _ = conn.Close() })
	}
	return conn, err
}

func (m mailer) options(dial mail.DialContextFunc) []mail.Option {
	o := []mail.Option{
		mail.WithPort(m.port), mail.WithTLSConfig(m.tls), mail.WithHELO("localhost"), mail.WithDialContextFunc(dial),
	}
	switch {
	case m.TLS == implicitTLS, m.TLS == noTLS:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	case m.remote:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if m.User != "" {
		// With these options, the library sends the password without TLS only on loopback.
		o = append(o, mail.WithUsername(m.User), mail.WithPassword(m.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return o
}

// letter makes a plain text mail. The library encodes characters that a header must not hold, and the subject has no
// line ends.
func (m mailer) letter(msg Message) (*mail.Msg, error) {
	l := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := l.From(m.From); err != nil {
		return nil, err
	}
	if err := l.To(m.To...); err != nil {
		return nil, err
	}
	l.Subject(msg.Subject())
	l.SetDateWithValue(msg.At)
	l.SetMessageIDWithValue(msg.ID + "@masker")
	l.SetGenHeader("Auto-Submitted", "auto-generated") // prevents automatic replies
	l.SetBodyString(mail.TypeTextPlain, msg.Text())
	return l, nil
}

// mailFault describes an error by the code of the server's reply. It does not quote the reply's text.
func mailFault(err error) error {
	var send *mail.SendError
	var reply *textproto.Error
	switch {
	case errors.As(err, &send) && send.ErrorCode() >= 400:
		return fault{why: fmt.Sprintf("the mail server answers %d", send.ErrorCode()), final: !send.IsTemp()}
	case errors.As(err, &reply) && reply.Code >= 530 && reply.Code <= 538:
		return fault{why: fmt.Sprintf("the mail server does not accept user and password (%d)", reply.Code), final: true}
	case errors.As(err, &reply):
		return fault{why: fmt.Sprintf("the mail server answers %d", reply.Code), final: reply.Code >= 500}
	case strings.Contains(err.Error(), "STARTTLS"): // the library has no type for this error
		return fault{why: "the mail server offers no STARTTLS, and masker does not send mail unencrypted (mail: tls: can be changed)", final: true}
	}
	return fault{why: describe(err)}
}
