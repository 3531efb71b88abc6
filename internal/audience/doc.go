// Package audience says who: groups, which are lists of contacts kept by hand.
//
// The integration API calls a group a static segment. [Service] is what people
// and systems do with groups. A broadcast names groups in its audience
// (campaign.Audience); who is a member counts at the moment at which the
// broadcast's layout comes past, so that a group that a broadcast is still to
// go to cannot be deleted.
package audience
