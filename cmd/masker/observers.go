package main

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/notify"
)

// observers sets the metrics and the notification channels of s.
func (c *config) observers(s *flowSpec, f settings.Flow) (err error) {
	if c.Metrics.Textfile != "" {
		folder, err := c.ExpandPath("metrics.textfile", c.Metrics.Textfile)
		if err != nil {
			return err
		}
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return usage("%s: the folder %s does not exist; make a folder that the collector can read", c.At("metrics.textfile"), folder)
		}
		s.metrics.file = filepath.Join(folder, "masker_"+s.Flow.Name+".prom")
	}
	if s.metrics.listen = c.Metrics.Listen; s.metrics.listen != "" {
		if _, _, err := net.SplitHostPort(s.metrics.listen); err != nil {
			return usage("%s: want HOST:PORT, such as 127.0.0.1:9187", c.At("metrics.listen"))
		}
	}
	s.Channels, err = c.channels(s.Flow.Name, f.Notify)
	return err
}

// channels makes the channels of a flow that list describes.
func (c *config) channels(flow string, list []notify.Spec) (channels []notify.Channel, err error) {
	var specs []notify.Spec
	at := c.At("flows." + flow + ".notify")
	for _, n := range list {
		if n, err = c.expandChannel(at, n); err != nil {
			return nil, err
		}
		specs = append(specs, n)
	}
	if channels, err = notify.All(specs, c.Dir(), c.ProgramPath(flow)); err != nil {
		return nil, usage("%s: %w", at, err)
	}
	return channels, nil
}

// channelsTo makes the channels of all flows to an environment. If several flows have the same
// channel, channelsTo makes this channel once.
func (c *config) channelsTo(environment string) (channels []notify.Channel, err error) {
	var seen []notify.Spec
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		var list []notify.Spec
		for _, n := range c.Flows[name].Notify {
			if c.Flows[name].To == environment && !slices.ContainsFunc(seen, func(s notify.Spec) bool { return reflect.DeepEqual(s, n) }) {
				list, seen = append(list, n), append(seen, n)
			}
		}
		made, err := c.channels(name, list)
		if err != nil {
			return nil, err
		}
		channels = append(channels, made...)
	}
	return channels, nil
}

// expandChannel replaces ${NAME} in the fields of a channel that may hold secrets.
func (c *config) expandChannel(at string, s notify.Spec) (notify.Spec, error) {
	texts := []*string{&s.Webhook, &s.Secret, &s.Slack}
	if s.Mail != nil {
		mail := *s.Mail
		s.Mail = &mail
		texts = append(texts, &mail.Server, &mail.User, &mail.Password)
	}
	for _, text := range texts {
		var err error
		if *text, err = c.Expand(at, *text); err != nil {
			return s, err
		}
	}
	return s, nil
}

// trustedKeys returns the public keys of other ledgers that the configuration trusts. The
// configuration lists keys and names of files with a key.
func (c *config) trustedKeys() ([]string, error) {
	var keys []string
	for _, t := range c.Ledger.Trusted {
		if !strings.Contains(t, "+") {
			data, err := os.ReadFile(c.Path(t))
			if err != nil {
				return nil, usage("cannot read the public key of a trusted ledger: %w", err)
			}
			t = strings.TrimSpace(string(data))
		}
		keys = append(keys, t)
	}
	return keys, nil
}
