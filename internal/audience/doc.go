// Package audience keeps groups: lists of contacts kept by hand.
//
// The integration API calls a group a static segment. [Service] is for people and
// systems that manage groups. A broadcast names groups in its audience
// (campaign.Audience). Membership counts at the moment at which the broadcast's
// layout reaches the contact, so a group cannot be deleted while a pending
// broadcast still needs it.
package audience
