package manage

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/media"
	"bellman/internal/message"
)

type fileView struct {
	ID        int64    `json:"id" example:"1"`
	Name      string   `json:"name" doc:"What recipients of a document see." example:"spring.jpg"`
	Type      string   `json:"type" doc:"The media type, read from the bytes." example:"image/jpeg"`
	Size      int64    `json:"size" doc:"In bytes." example:"204800"`
	Width     int      `json:"width,omitempty" doc:"In pixels." example:"1280"`
	Height    int      `json:"height,omitempty" doc:"In pixels." example:"720"`
	Duration  float64  `json:"duration,omitempty" doc:"How long it plays, in seconds, where the file tells." example:"12.48"`
	Kinds     []string `json:"kinds" nullable:"false" enum:"photo,video,animation,document,audio,voice" doc:"What the file can be sent as, the most telling first." example:"[\"photo\",\"document\"]"`
	SHA256    string   `json:"sha256" doc:"Of the bytes, in hexadecimal." example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	CreatedAt instant  `json:"createdAt"`
}

func viewFile(f media.File) fileView {
	v := fileView{
		ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, Duration: f.Duration.Seconds(),
		Kinds: make([]string, len(f.Kinds)), SHA256: f.SHA256, CreatedAt: utc(f.CreatedAt),
	}
	for i, kind := range f.Kinds {
		v.Kinds[i] = string(kind)
	}
	return v
}

type uploadOutput struct {
	Status int
	Body   fileView
}

const mediaPath = "/media"

func (a *API) media() {
	register(a, huma.Operation{
		OperationID: "upload-media", Method: http.MethodPost, Path: mediaPath, Tags: []string{"media"},
		Summary: "Upload a file",
		Description: "As a form with the field `file`, or as the body itself. " +
			"What the file is, and what it can be sent as, is read from its bytes. " +
			"A file that the workspace has already is not kept twice: the answer is 200 then, and tells of the first one.",
		DefaultStatus: http.StatusCreated,
	}, a.uploadMedia)
	upload := a.huma.OpenAPI().Paths[mediaPath].Post
	// If huma knew of it before, it would read the body.
	upload.RequestBody = uploadBody()
	upload.Responses["200"] = &huma.Response{
		Description: "The workspace has this file already.",
		Content:     upload.Responses["201"].Content,
	}
	register(a, huma.Operation{
		OperationID: "list-media", Method: http.MethodGet, Path: mediaPath, Tags: []string{"media"},
		Summary: "List files", Description: "Newest first.",
	}, a.listMedia)
	register(a, huma.Operation{
		OperationID: "get-media", Method: http.MethodGet, Path: mediaPath + "/{id}", Tags: []string{"media"},
		Summary: "Get a file", Description: "What is known about it; its bytes are at `/media/{id}/content`.",
	}, a.getMedia)
	register(a, huma.Operation{
		OperationID: "get-media-content", Method: http.MethodGet, Path: mediaPath + "/{id}/content", Tags: []string{"media"},
		Summary: "Get the bytes of a file", Description: "Ranges and ETags are understood.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The bytes, under the type of the file.",
			Content:     map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}, a.getMediaContent)
	register(a, huma.Operation{
		OperationID: "delete-media", Method: http.MethodDelete, Path: mediaPath + "/{id}", Tags: []string{"media"},
		Summary:       "Delete a file",
		Description:   "Refused while a message has the file, or a campaign that is scheduled, paused or on its way.",
		DefaultStatus: http.StatusNoContent,
	}, a.deleteMedia)
}

func (a *API) uploadMedia(ctx context.Context, workspaceID int64, in *uploadInput) (*uploadOutput, error) {
	name, file, err := in.arrival.file()
	if err != nil {
		return nil, err
	}
	f, fresh, err := a.Media.Upload(ctx, workspaceID, cmp.Or(name, in.Name), message.Kind(in.As), file)
	if err != nil {
		return nil, tooLarge(err)
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	return &uploadOutput{status, viewFile(f)}, nil
}

func (a *API) listMedia(ctx context.Context, workspaceID int64, in *Paging) (*answer[page[fileView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	files, err := a.Media.List(ctx, workspaceID, before, in.more())
	if err != nil {
		return nil, err
	}
	return paged(*in, files, func(f media.File) int64 { return f.ID }, viewFile), nil
}

func (a *API) getMedia(ctx context.Context, workspaceID int64, in *ByID) (*answer[fileView], error) {
	f, err := a.Media.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[fileView]{viewFile(f)}, nil
}

func (a *API) deleteMedia(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
	return nil, a.Media.Delete(ctx, workspaceID, in.ID)
}

func (a *API) getMediaContent(ctx context.Context, workspaceID int64, in *ByID) (*huma.StreamResponse, error) {
	f, content, err := a.Media.Open(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		r, w := humago.Unwrap(c)
		if err := serveFile(w, r, f, content); err != nil {
			a.Log.DebugContext(ctx, "a file was not sent whole", "error", err)
		}
	}}, nil
}

// serveFile writes the bytes of a file and closes them.
func serveFile(w http.ResponseWriter, r *http.Request, f media.File, content io.ReadSeekCloser) error {
	if err := extend(http.NewResponseController(w).SetWriteDeadline); err != nil {
		return errors.Join(err, content.Close())
	}
	header := w.Header()
	header.Set("Content-Type", f.Type)
	header.Set("Content-Disposition", disposition(f))
	// An uploaded file must not act with the rights of the person who views it.
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", `"`+f.SHA256+`"`)
	http.ServeContent(w, r, "", f.CreatedAt, content)
	return content.Close()
}
