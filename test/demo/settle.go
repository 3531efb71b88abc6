package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bellman/test/harness"
)

// settle stops everything and prints the result for each kind of recipient. It fails when the
// numbers do not agree.
func (d *demo) settle(ctx context.Context) error {
	rows, err := d.client.Deliveries(ctx, d.campaign.ID)
	if err != nil {
		return err
	}
	bot, err := d.client.Bot(ctx, d.bot.ID)
	if err != nil {
		return err
	}
	if err := errors.Join(d.server.Stop(), d.sandbox.Stop()); err != nil {
		return err
	}
	arrivals, err := d.sandbox.Arrivals()
	if err != nil {
		return err
	}
	result := harness.Compare(d.campaign, chats, rows, arrivals)
	d.print(result, rows)
	// A recipient who has left and whose answer was lost is still a subscriber.
	if left := chats - result.Rows["failed"]; bot.Subscribers != left {
		result.Faults = append(result.Faults, fmt.Sprintf("the bot has %d subscribers, not %d", bot.Subscribers, left))
	}
	leaks, err := d.leaks()
	if err != nil {
		return err
	}
	result.Faults = append(result.Faults, leaks...)
	if len(result.Faults) > 0 {
		return fmt.Errorf("it does not add up:\n%s", strings.Join(result.Faults, "\n"))
	}
	fmt.Printf("It adds up: nobody got it twice, nobody was forgotten. Of %d subscribers, %d are left.\n", chats, bot.Subscribers)
	return nil
}

func (d *demo) print(r *harness.Comparison, rows []harness.Delivery) {
	reasons := map[string]map[string]int{}
	for _, row := range rows {
		if reasons[row.Status] == nil {
			reasons[row.Status] = map[string]int{}
		}
		reasons[row.Status][row.Reason]++
	}
	var told, arrived int64
	fmt.Printf("\n%-10s %12s %16s   %s\n", "", "Bellman says", "really received", "why")
	for _, status := range harness.Statuses {
		fmt.Printf("%-10s %12d %16d   %s\n", status, r.Rows[status], r.Arrived[status], why(reasons[status]))
		told, arrived = told+r.Rows[status], arrived+r.Arrived[status]
	}
	fmt.Printf("%-10s %12d %16d   received twice: %d\n\n", "together", told, arrived, r.Twice)
}

// why lists reasons with how often each was given.
func why(reasons map[string]int) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		if reason != "" {
			parts = append(parts, fmt.Sprintf("%s %d", reason, reasons[reason]))
		}
	}
	return strings.Join(parts, ", ")
}

// leaks searches the logs for secrets.
func (d *demo) leaks() (found []string, err error) {
	_, secret, _ := strings.Cut(d.secret, ":")
	return d.program.Leaks(map[string]string{"the bot's token": secret, "the API key": d.client.Key})
}
