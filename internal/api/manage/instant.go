package manage

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// instant is a time in answers. All are in UTC and have three digits of milliseconds, so
// that they sort as texts.
type instant struct{ time.Time }

// MarshalJSON implements [json.Marshaler].
func (t instant) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z07:00"`)), nil
}

// Schema implements [huma.SchemaProvider].
func (instant) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[time.Time]())
}

// utc returns t as it is stored, so that the answer to a write shows the same time
// as later answers.
func utc(t time.Time) instant { return instant{t.UTC().Truncate(time.Millisecond)} }

// moment returns nil for the zero time.
func moment(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	stored := utc(t)
	return &stored
}
