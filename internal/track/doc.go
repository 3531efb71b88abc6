// Package track records clicks: who followed a link or pressed a button.
//
// A link in a message leads to an address whose [Code] names, signed, the campaign,
// recipient and link. [Service.Follow] reads the code, finds in memory where the link
// leads ([summary.Cache]), adds the workspace's [workspace.UTM] parameters, and has the
// click stored before it answers ([recorder]): in the database, or in files until the
// database takes it again ([spool]). So people are redirected even while the database is
// away, and a click that was answered is not lost, however the process ends.
//
// Everything about [Code] and [Agent] is pure.
package track
