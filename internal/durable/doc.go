// Package durable defines what "on the disk" means: a file that it has written is
// there after a power cut, with its name and content. [os.File.Sync] makes a file's
// bytes durable; its name belongs to the folder, and a new name can be lost
// although the bytes are not, until the folder is synced as well.
//
// It is a leaf, which imports nothing of Bellman.
package durable
