// Package sheet reads tables as spreadsheets and other programs export them: comma
// separated values (RFC 4180) and what is sold as such. It knows nothing of what
// the columns mean.
//
// A [Reader] accounts for every line: a line belongs to exactly one row, is blank,
// or is told as a row that cannot be read. A quoted cell may go over several lines.
// Where a quote is not closed as it should be, only the line in which the row
// begins is given up, and reading goes on with the next line, so that no row takes
// in cells of another. Memory is bounded by [MaxRow], whatever the file.
package sheet

// The bounds of a table. Those of a cell and a row are in bytes; spreadsheets allow
// 32,767 characters in a cell, of up to four bytes each.
const (
	MaxColumns = 1000
	MaxCell    = 128 << 10
	MaxRow     = 1 << 20
	// maxLines is how many lines a cell may have.
	maxLines = 500
)
