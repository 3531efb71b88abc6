// Package durable says what "on the disk" means: what has returned from here is
// there after a power cut, name and content. A file's bytes are the matter of
// [os.File.Sync]; its name belongs to the folder, and a name that is new can be
// lost although the bytes are not, until the folder is synced as well.
//
// It is a leaf, which imports nothing of Bellman.
package durable
