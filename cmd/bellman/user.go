package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bellman/internal/access"
	"bellman/internal/store"
)

type userCommand struct {
	Create        userCreateCommand        `cmd:"" help:"Make a user with a role, and print a link by which the user chooses a password."`
	List          userListCommand          `cmd:"" help:"List the users and their roles."`
	ResetPassword userResetPasswordCommand `cmd:"" help:"Print a link by which a user chooses a new password, good once and for a day."`
}

type userCreateCommand struct {
	database
	browsed
	Email     string      `arg:"" help:"By which the user signs in."`
	Name      string      `help:"The user's name; without it, the email." placeholder:"NAME"`
	Role      access.Role `help:"What the user is: owner, admin, marketer, writer, agent or analyst." default:"marketer" placeholder:"ROLE"`
	Workspace int64       `help:"The number of the workspace." default:"1" placeholder:"N"`
}

// Run makes the user, who has no password yet, and prints the link.
func (c *userCreateCommand) Run() error {
	return c.withPeople(func(ctx context.Context, people *access.People, _ *store.DB) error {
		ctx = byCommand(ctx, "create-user", "users", c.Workspace)
		secret, err := people.CreateByCommand(ctx, c.Email, c.Name, access.Grant{WorkspaceID: c.Workspace, Role: c.Role})
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "bellman: %s is %s of workspace %d of %s, and chooses a password here:\n", c.Email, c.Role, c.Workspace, c.shown())
		_, err = fmt.Println(c.start(secret))
		return err
	})
}

type userListCommand struct{ database }

// Run prints a table of the users, a line for each role.
func (c *userListCommand) Run() error {
	return c.withPeople(func(ctx context.Context, people *access.People, _ *store.DB) error {
		all, err := people.Users(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "bellman: the users of %s:\n", c.shown())
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "EMAIL\tNAME\tMADE\tROLE\tWORKSPACE")
		for _, u := range all {
			places, err := people.Roles(ctx, u.ID)
			if err != nil {
				return err
			}
			for _, line := range roleLines(u, places) {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", u.Email, shownText(u.Name), u.CreatedAt.UTC().Format(time.RFC3339), line)
			}
		}
		return table.Flush()
	})
}

// roleLines returns what a user is, and where.
func roleLines(u access.User, places []access.Place) (lines []string) {
	if u.Installer {
		lines = append(lines, "installer\tall")
	}
	for _, p := range places {
		lines = append(lines, fmt.Sprintf("%s\t%d (%s)", p.Role, p.WorkspaceID, shownText(p.Name)))
	}
	if len(lines) == 0 {
		return []string{"none\t-"}
	}
	return lines
}

// shownText returns a text that may hold anything without what moves a terminal's cursor.
func shownText(text string) string { return strings.Trim(fmt.Sprintf("%q", text), `"`) }

type userResetPasswordCommand struct {
	database
	browsed
	Email             string `arg:"" help:"The user's email."`
	DropAuthenticator bool   `help:"Ask for no codes of the user's authenticator any more, when it is lost."`
}

// Run prints the link, alone, on stdout.
func (c *userResetPasswordCommand) Run() error {
	return c.withPeople(func(ctx context.Context, people *access.People, _ *store.DB) error {
		ctx = byCommand(ctx, "make-reset-link", "users", 0)
		secret, err := people.ResetByCommand(ctx, c.Email, c.DropAuthenticator)
		if err != nil {
			return err
		}
		_, err = fmt.Println(c.start(secret))
		return err
	})
}
