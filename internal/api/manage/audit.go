package manage

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

// lineView is a line of the audit log.
type lineView struct {
	ID          int64          `json:"id" doc:"Ids of the installation have no gaps; those of one workspace have." example:"1"`
	WorkspaceID int64          `json:"workspaceId,omitempty" doc:"Absent for what is of the installation." example:"1"`
	At          instant        `json:"at"`
	Actor       actorView      `json:"actor"`
	Address     string         `json:"address,omitempty" doc:"From where; absent for a command." example:"203.0.113.9"`
	Act         string         `json:"act" doc:"The operation, as the document of the API names it." example:"create-key"`
	Subject     string         `json:"subject,omitempty" doc:"What it was about." example:"keys/7"`
	Outcome     string         `json:"outcome" doc:"done; begun, of what took several steps and whose end is another line; or the code of the refusal or failure." example:"done"`
	Before      map[string]any `json:"before,omitempty" doc:"What was changed, as it was."`
	After       map[string]any `json:"after,omitempty" doc:"What was changed, as it became."`
	Previous    string         `json:"previous,omitempty" doc:"The hash of the line before; absent in the first line."`
	Hash        string         `json:"hash" doc:"SHA-256 over the hash of the line before and all of this one."`
}

type actorView struct {
	Kind string `json:"kind" enum:"user,key,command,nobody"`
	ID   int64  `json:"id,omitempty" doc:"Of a user or a key." example:"1"`
	Name string `json:"name,omitempty" doc:"The email of a user, or of who would be one; the name of a key; of a command, that of the account on the machine." example:"olena@example.com"`
}

func viewLine(e audit.Entry) lineView {
	v := lineView{
		ID: e.ID, WorkspaceID: e.WorkspaceID, At: utc(e.At), Actor: actorView{string(e.Actor.Kind), e.Actor.ID, e.Actor.Name},
		Address: e.Address, Act: e.Act, Subject: e.Subject, Outcome: e.Outcome, Previous: e.Previous, Hash: e.Hash,
	}
	v.Before, v.After = factsOf(e.Before), factsOf(e.After)
	return v
}

// factsOf reads facts as they are kept. What somebody has made illegible in the database is
// shown as nothing: the check tells.
func factsOf(text string) (f map[string]any) {
	if json.Unmarshal([]byte(text), &f) != nil {
		return nil
	}
	return f
}

// LineFilter names lines; it is exported for the reason given at [ByID].
type LineFilter struct {
	UserID       int64     `query:"userId" minimum:"1" maximum:"9007199254740991" doc:"What a user did."`
	KeyID        int64     `query:"keyId" minimum:"1" maximum:"9007199254740991" doc:"What a key did."`
	Act          string    `query:"act" maxLength:"100" example:"create-key"`
	Subject      string    `query:"subject" maxLength:"200" example:"keys/7"`
	Outcome      string    `query:"outcome" maxLength:"100" example:"done"`
	Since        time.Time `query:"since" doc:"From this time on."`
	Until        time.Time `query:"until" doc:"Before this time."`
	Installation bool      `query:"installation" doc:"Those of the installation instead of the workspace's, for who has the right install: attempts of nobody, new workspaces."`
}

func (f LineFilter) filter(ctx context.Context, workspaceID int64) (audit.Filter, error) {
	out := audit.Filter{
		WorkspaceID: workspaceID, Act: f.Act, Subject: f.Subject, Outcome: f.Outcome, Since: f.Since, Until: f.Until,
	}
	switch {
	case f.UserID != 0 && f.KeyID != 0:
		return out, fault.New(fault.Invalid, "actors_two", "name a user or a key, not both").In("keyId")
	case f.UserID != 0:
		out.Actor = audit.Actor{Kind: audit.User, ID: f.UserID}
	case f.KeyID != 0:
		out.Actor = audit.Actor{Kind: audit.Key, ID: f.KeyID}
	}
	if !f.Installation {
		return out, nil
	}
	c, err := access.From(ctx)
	if err != nil {
		return out, err
	}
	out.WorkspaceID = 0
	return out, c.Allow(access.Install)
}

type listLinesInput struct {
	Paging
	LineFilter
}

type exportLinesInput struct{ LineFilter }

type chainView struct {
	Good     bool   `json:"good" doc:"Every line is as it was written, and none is missing."`
	Lines    int64  `json:"lines" doc:"How many fit, one behind the other." example:"1204"`
	FirstID  int64  `json:"firstId" doc:"The first line that is kept." example:"1"`
	LastID   int64  `json:"lastId" example:"1204"`
	LastHash string `json:"lastHash" doc:"Note it elsewhere: who could write the whole chain anew could not write this."`
	BrokenID int64  `json:"brokenId,omitempty" doc:"The first line that does not fit." example:"17"`
	Why      string `json:"why,omitempty" example:"it is missing"`
}

const auditPath = "/audit"

func (a *API) audit() {
	tags := []string{"audit"}
	register(a, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: auditPath, Tags: tags,
		Summary: "See who did what", Description: "Newest first.",
	}, a.listAudit)
	register(a, huma.Operation{
		OperationID: "export-audit", Method: http.MethodGet, Path: auditPath + "/export", Tags: tags,
		Summary: "Get the audit log as a file", Description: "A line of JSON for each line of the log, newest first. The log tells of it.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The lines.", Content: map[string]*huma.MediaType{linesType: {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, a.exportAudit)
	register(a, huma.Operation{
		OperationID: "check-audit", Method: http.MethodGet, Path: auditPath + "/check", Tags: tags,
		Summary: "Check the audit log", Description: "Walks the chain of the whole installation, and names the first line that does not fit.",
	}, a.checkAudit)
}

func (a *API) listAudit(ctx context.Context, workspaceID int64, in *listLinesInput) (*answer[page[lineView]], error) {
	f, err := in.filter(ctx, workspaceID)
	if err == nil {
		f.Before, err = in.before()
	}
	if err != nil {
		return nil, err
	}
	f.Limit = in.more()
	lines, err := a.Audit.Lines(ctx, f)
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, lines, func(e audit.Entry) int64 { return e.ID }, viewLine), nil
}

// linesType is the media type of JSON texts, one a line.
const linesType = "application/x-ndjson"

func (a *API) exportAudit(ctx context.Context, workspaceID int64, in *exportLinesInput) (*huma.StreamResponse, error) {
	f, err := in.filter(ctx, workspaceID)
	if err == nil {
		f.Before, err = Paging{}.before()
	}
	if err == nil {
		err = a.Audit.Tell(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", linesType)
		w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		err := extend(http.NewResponseController(w).SetWriteDeadline)
		if err == nil {
			err = a.Audit.Each(ctx, f, func(e audit.Entry) error { return encoder.Encode(viewLine(e)) })
		}
		if err != nil {
			a.Log.WarnContext(ctx, "the audit log was not exported whole", "error", err)
			panic(http.ErrAbortHandler) // half of it must not look like all
		}
	}}, nil
}

func (a *API) checkAudit(ctx context.Context, _ int64, _ *struct{}) (*answer[chainView], error) {
	r, err := a.Audit.Check(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[chainView]{chainView{
		r.Good(), r.Lines, r.Head.FirstID, r.Head.LastID, r.Head.LastHash, r.BrokenID, r.Why,
	}}, nil
}

// named matches what may stand in a line of what an address names.
var named = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// subject returns what a call is about: its path up to the last part that names one thing,
// else up to its first part, as keys/7 of /keys/7/rotate.
func subject(pattern, path string) string {
	parts := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	sent := strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, Prefix), "/"), "/")
	to := 1
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") || i >= len(sent) {
			continue
		}
		to = i + 1
		if parts[i] = "?"; named.MatchString(sent[i]) {
			parts[i] = sent[i]
		}
	}
	return strings.Join(parts[:to], "/")
}
