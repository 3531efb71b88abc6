// Package order takes in the orders of shops: whose they are and what happened, as
// events that say what automation asks about, such as the status and the sum. Orders
// themselves are the shop's; none are kept here.
package order
