package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// deliver sends one parcel. If the process dies between sending and noting it,
// it is sent again under the same Message-ID, by which mail programs know it.
func (s *Service) deliver(ctx context.Context, p parcel) error {
	list, err := s.contents(ctx, p)
	if err != nil || len(list) == 0 || s.smtp == nil {
		return err
	}
	m, err := s.compose(ctx, list)
	if err != nil {
		return errors.Join(s.note(ctx, list, err), job.Final(err))
	}
	err = s.hand(ctx, m)
	if noted := s.note(context.WithoutCancel(ctx), list, err); noted != nil {
		return errors.Join(noted, err)
	}
	if refused(err) {
		return job.Final(err)
	}
	return err
}

// refused reports whether the server will never take this mail: because of its address, or of what it says. That the server
// takes none at all from us, at the greeting, the password or the sender, or would have to be told first that it may
// (RFC 3463, class 7), is somebody's setting, and passes.
func refused(err error) bool {
	var e *gomail.SendError
	if !errors.As(err, &e) || e.IsTemp() || e.ErrorCode() < 500 {
		return false
	}
	ours := e.ErrorCode() == 530 || strings.HasPrefix(e.EnhancedStatusCode(), "5.7.")
	return e.Reason == gomail.ErrSMTPDataClose || e.Reason == gomail.ErrSMTPRcptTo && !ours
}

// hand gives a mail to the server. Once the server has taken it, a line that
// breaks while we say goodbye is no failure.
func (s *Service) hand(ctx context.Context, m *gomail.Msg) error {
	var connection net.Conn
	client, err := s.client(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		connection, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return connection, err
	})
	if err != nil {
		return err
	}
	line, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if connection != nil { // the library leaves it open where the server offers no TLS, or refuses the password
			_ = connection.Close()
		}
		return err
	}
	err = client.SendWithSMTPClient(line, m)
	_ = client.CloseWithSMTPClient(line)
	return err
}

func (s *Service) compose(ctx context.Context, list []Letter) (*gomail.Msg, error) {
	l := list[0]
	m := gomail.NewMsg()
	m.FromMailAddress(&netmail.Address{Name: oneLine(s.set.Name), Address: s.set.From})
	if err := m.To(l.Email); err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	subject, body := l.Subject, l.Body
	if len(list) > 1 {
		var subjects, parts []string
		for _, l := range list {
			subjects = append(subjects, l.Subject)
			parts = append(parts, l.Subject+"\n\n"+l.Body)
		}
		subject = lang.T(l.Locale, "mail.digest.subject", len(list), short(strings.Join(subjects, "; ")))
		body = strings.Join(parts, "\n\n"+strings.Repeat("-", 60)+"\n\n")
	}
	if s.set.Base != "" {
		body += "\n\n-- \n" + lang.T(l.Locale, "mail.foot", s.set.Name, s.set.Base)
	}
	m.Subject(subject)
	m.SetBodyString(gomail.TypeTextPlain, body+"\n")
	m.SetDateWithValue(clock.Now(ctx))
	m.SetMessageIDWithValue(s.messageID(list))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", l.Locale.Tag())
	return m, nil
}

// messageID is the same whenever the same messages are sent.
func (s *Service) messageID(list []Letter) string {
	h := sha256.New()
	for _, l := range list {
		h.Write([]byte(l.ID))
	}
	_, host, _ := strings.Cut(s.set.From, "@")
	return hex.EncodeToString(h.Sum(nil)[:16]) + "@" + host
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// client speaks to the configured server: TLS where the server offers it, from
// the first byte with smtps, and always with smtp+starttls or where a password is sent.
func (s *Service) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithDialContextFunc(dial), gomail.WithTimeout(30 * time.Second), gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	if s.smtp.User != nil {
		password, _ := s.smtp.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.smtp.User.Username()), gomail.WithPassword(password),
			gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	switch s.smtp.Scheme {
	case "smtps":
		options = append(options[1:], gomail.WithSSL()) // whose TLS is the library's own way to dial
	case startTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	port, err := portOf(s.smtp)
	if err != nil {
		return nil, err
	}
	return gomail.NewClient(s.smtp.Hostname(), append(options, gomail.WithPort(port))...)
}

func portOf(u *url.URL) (int, error) {
	switch {
	case u.Port() != "":
		return strconv.Atoi(u.Port())
	case u.Scheme == "smtps":
		return 465, nil
	}
	return 587, nil
}
