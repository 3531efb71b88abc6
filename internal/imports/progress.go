package imports

// Phase is what is done for an import at a time.
type Phase string

// The phases.
const (
	// Waiting is before its turn, and Over after its end.
	Waiting Phase = "waiting"
	// Reading is while its file arrives or is fetched.
	Reading Phase = "reading"
	// Writing is while its contacts are imported.
	Writing Phase = "importing"
	Over    Phase = "over"
)

// Progress is how far an import is.
type Progress struct {
	Phase Phase
	// Rows are the rows that are done, Of those that there are, as far as the file is read.
	Rows, Of int64
	// Percent is how much of the phase is done, from 0 to 100; nil while that is not known.
	Percent *float64
}

// Progress returns how far the import is.
func (i Import) Progress() Progress {
	done := i.Count.Created + i.Count.Updated + i.Count.Skipped + i.Count.Failed
	p := Progress{Phase: Waiting, Rows: done, Of: max(i.RowsRead, done)}
	switch {
	case i.State == Finished || i.State == Failed:
		p.Phase = Over
	case i.Link == Arriving || i.Link != "" && i.State == Importing:
		p.Phase = Reading
		p.Percent = percent(i.BytesRead, i.Size)
	case i.State == Importing:
		p.Phase = Writing
		p.Percent = percent(p.Rows, p.Of)
	}
	if i.State == Finished {
		p.Percent = percent(1, 1)
	}
	return p
}

// percent returns a share, rounded down to a tenth of a percent; nil when the whole is not
// known.
func percent(part, whole int64) *float64 {
	if whole <= 0 {
		return nil
	}
	share := float64(min(part, whole)*1000/whole) / 10
	return &share
}
