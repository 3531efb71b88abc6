package workspace_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

var occasion = workspace.Occasion{
	MessageID: 7, MessageName: "Весняний sale & more", MessageTags: []string{"a", "b c"}, Language: "uk",
	CampaignID: 12, ContactID: 345, LaunchedAt: time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC),
}

// spec: utm-on-click
func TestUTMAdd(t *testing.T) {
	t.Parallel()
	both := workspace.UTM{Source: "bellman", Medium: "$mediaType"}
	for name, tt := range map[string]struct {
		utm         workspace.UTM
		in, want    string
		ofTriggered bool
	}{
		"nothing to add": {workspace.UTM{}, "https://x.example/?a=1#f", "https://x.example/?a=1#f", false},
		"no query":       {both, "https://x.example/p", "https://x.example/p?utm_source=bellman&utm_medium=telegram", false},
		"no path":        {both, "https://x.example", "https://x.example?utm_source=bellman&utm_medium=telegram", false},
		"query": {both, "https://x.example/?b=%20&a=+",
			"https://x.example/?b=%20&a=+&utm_source=bellman&utm_medium=telegram", false},
		"empty query":         {both, "https://x.example/?", "https://x.example/?utm_source=bellman&utm_medium=telegram", false},
		"query ends in &":     {both, "https://x.example/?a&", "https://x.example/?a&utm_source=bellman&utm_medium=telegram", false},
		"query of a question": {workspace.UTM{Source: "s"}, "https://x.example/??", "https://x.example/??&utm_source=s", false},
		"fragment": {both, "https://x.example/#/route?x=1",
			"https://x.example/?utm_source=bellman&utm_medium=telegram#/route?x=1", false},
		"empty fragment":       {both, "https://x.example/?a#", "https://x.example/?a&utm_source=bellman&utm_medium=telegram#", false},
		"one by hand":          {both, "https://x.example/?utm_source=me", "https://x.example/?utm_source=me&utm_medium=telegram", false},
		"empty by hand":        {both, "https://x.example/?utm_source=", "https://x.example/?utm_source=&utm_medium=telegram", false},
		"by hand, no value":    {both, "https://x.example/?utm_medium", "https://x.example/?utm_medium&utm_source=bellman", false},
		"by hand, in capitals": {both, "https://x.example/?UTM_Source=me", "https://x.example/?UTM_Source=me&utm_medium=telegram", false},
		"by hand, escaped":     {both, "https://x.example/?utm%5Fsource=me", "https://x.example/?utm%5Fsource=me&utm_medium=telegram", false},
		"both by hand":         {both, "https://x.example/?utm_medium=a&utm_source=b#c", "https://x.example/?utm_medium=a&utm_source=b#c", false},
		"in a value only": {workspace.UTM{Source: "s"}, "https://x.example/?q=utm_source",
			"https://x.example/?q=utm_source&utm_source=s", false},
		"in the fragment only": {workspace.UTM{Source: "s"}, "https://x.example/#?utm_source=a",
			"https://x.example/?utm_source=s#?utm_source=a", false},
		"broken escape": {workspace.UTM{Source: "s"}, "https://x.example/?%zz=1", "https://x.example/?%zz=1&utm_source=s", false},
		"every variable": {workspace.UTM{Source: "$type-$mediaType", Medium: "$messageId.$messageInstanceId.$contactId",
			Campaign: "$messageName", Content: "$messageTags/$messageLang", Term: "$dateStart"},
			"https://x.example/",
			"https://x.example/?utm_source=promo-telegram&utm_medium=7.12.345" +
				"&utm_campaign=%D0%92%D0%B5%D1%81%D0%BD%D1%8F%D0%BD%D0%B8%D0%B9+sale+%26+more&utm_content=a%2Cb+c%2Fuk&utm_term=2026-03-01", false},
		"triggered": {workspace.UTM{Source: "$type"}, "https://x.example/", "https://x.example/?utm_source=trigger", true},
		"dollars of no name": {workspace.UTM{Source: "5$ $ $$type 1$2"},
			"https://x.example/", "https://x.example/?utm_source=5%24+%24+%24promo+1%242", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.utm.Check())
			o := occasion
			o.Triggered = tt.ofTriggered
			require.Equal(t, tt.want, tt.utm.Add(tt.in, &o))
		})
	}
}

func TestUTMEmptyValueIsNotAdded(t *testing.T) {
	t.Parallel()
	require.Equal(t, "https://x.example/",
		workspace.UTM{Content: "$messageTags", Term: "$messageLang"}.Add("https://x.example/", &workspace.Occasion{}))
}

func TestUTMCheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		utm         workspace.UTM
		code, field string
	}{
		"unknown":      {workspace.UTM{Campaign: "x-$groupName"}, "utm_variable_unknown", "utm.campaign"},
		"longer name":  {workspace.UTM{Source: "$typed"}, "utm_variable_unknown", "utm.source"},
		"in capitals":  {workspace.UTM{Term: "$TYPE"}, "utm_variable_unknown", "utm.term"},
		"too long":     {workspace.UTM{Medium: strings.Repeat("ї", 201)}, "utm_invalid", "utm.medium"},
		"line end":     {workspace.UTM{Content: "a\r\nSet-Cookie: b"}, "utm_invalid", "utm.content"},
		"broken UTF-8": {workspace.UTM{Source: "\xff"}, "utm_invalid", "utm.source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.utm.Check()
			require.True(t, fault.Is(err, tt.code), "%v", err)
			require.ErrorContains(t, err, tt.field)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		})
	}
	require.NoError(t, workspace.UTM{Source: strings.Repeat("ї", 200), Term: "знижки 50%"}.Check())
	require.ErrorContains(t, workspace.UTM{Source: "$x"}.Check(), "$messageInstanceId", "the known ones are named")
}

// Removing the added parameters again gives the address back, byte for byte.
func TestUTMChangesNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		address := "https://x.example/" +
			rapid.StringMatching(`[a-z/%.~]{0,6}(\?[a-zA-Z0-9=&%_+;/?.-]{0,24})?(#[a-z0-9=&?#/]{0,8})?`).Draw(t, "rest")
		part := rapid.SampledFrom([]string{"", "a b", "$type", "&=?#", "ключ"})
		u := workspace.UTM{Source: part.Draw(t, "source"), Medium: part.Draw(t, "medium"), Term: part.Draw(t, "term")}
		got := u.Add(address, &occasion)

		base, fragment, hasFragment := strings.Cut(address, "#")
		gotBase, gotFragment, gotHas := strings.Cut(got, "#")
		require.Equal(t, []any{fragment, hasFragment}, []any{gotFragment, gotHas})
		added, kept := strings.CutPrefix(gotBase, base)
		require.True(t, kept, "%s became %s", address, got)
		query, err := url.ParseQuery(strings.TrimLeft(added, "?&"))
		require.NoError(t, err)
		_, before, _ := strings.Cut(base, "?")
		for name, value := range map[string]string{"utm_source": u.Source, "utm_medium": u.Medium, "utm_term": u.Term} {
			there := false
			for pair := range strings.SplitSeq(before, "&") {
				key, _, _ := strings.Cut(pair, "=")
				there = there || strings.EqualFold(key, name)
			}
			if value == "" || there {
				require.False(t, query.Has(name))
				continue
			}
			require.Equal(t, []string{strings.ReplaceAll(value, "$type", "promo")}, query[name])
		}
		require.Equal(t, got, u.Add(got, &occasion), "adding twice adds once")
	})
}
