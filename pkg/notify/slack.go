package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// slack posts to an incoming webhook of Slack, or of what takes Slack's form: Mattermost, Rocket.Chat.
type slack struct {
	wants
	poster
}

func newSlack(address string, on wants) (Channel, error) {
	p, err := newPoster("slack", address)
	return slack{on, p}, err
}

func (slack) Name() string { return "slack" }

func (s slack) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(map[string]any{
		"text":         mrkdwn(m.Text()),
		"link_names":   false,
		"unfurl_links": false,
		"unfurl_media": false,
	})
	if err != nil {
		return fault{why: "the message cannot be written as JSON", final: true}
	}
	return s.post(ctx, body, http.Header{})
}

// mrkdwn puts a text into a block of code, in which none of the three servers looks for formatting,
// links or names to call, and takes from it what could end that block or be read in it all the same:
// Slack reads <…> everywhere, and older servers look for @here before they look for code.
func mrkdwn(text string) string {
	return "```\n" + strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
		"`", "'",
		"@", "＠",
		"://", ":∕∕",
	).Replace(text) + "```"
}
