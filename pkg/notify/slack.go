package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// slack posts to an incoming webhook of Slack, or of a server with the same API: Mattermost or Rocket.Chat.
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

// mrkdwn puts a text into a code block. In a code block, none of the three servers looks for formatting, links or
// mentions. mrkdwn also replaces characters that could end the block, and characters that have a meaning inside the
// block. Slack interprets <…> everywhere, and older servers look for @here before they look for code.
func mrkdwn(text string) string {
	return "```\n" + strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
		"`", "'",
		"@", "＠",
		"://", ":∕∕",
	).Replace(text) + "```"
}
