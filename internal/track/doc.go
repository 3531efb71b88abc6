// Package track is the way back: who followed a link or pressed a button.
//
// A link in a message leads to an address whose [Code] says, signed, which
// campaign, recipient and link it is. [Service.Follow] reads the code, finds
// where the link leads in memory ([summary.Cache]), adds the workspace's [workspace.UTM]
// parameters, and has the click stored before it answers ([recorder]): in the
// database, or in files until the database takes it again ([spool]). So a
// person gets on with the database away, and a click that was answered is not
// lost, whatever ends the process.
//
// Everything about [Code] and [Agent] is pure.
package track
