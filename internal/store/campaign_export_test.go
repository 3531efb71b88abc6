package store

import "context"

// FoldNamesForTest folds the names of campaigns as the start of the program does.
func (s Campaigns) FoldNamesForTest(ctx context.Context) error { return s.foldNames(ctx) }
