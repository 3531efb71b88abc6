package mail

import (
	"bytes"
	"html/template"
	"strings"

	"golang.org/x/text/language"
)

// Letter is what somebody reads.
type Letter struct{ Subject, Text, HTML string }

// Invitation returns the letter that invites somebody into a workspace, in the first language
// of an Accept-Language header that there is, else in English.
func Invitation(languages, workspace, link string) Letter {
	w := wordsIn(languages)
	return write(w.language, strings.ReplaceAll(w.invited, "{workspace}", line(workspace)), w.join, link, w.week)
}

// Reset returns the letter with the link to choose a new password, as [Invitation] does. asked
// says that the person has asked for it, or somebody in their name; else an admin has.
func Reset(languages string, asked bool, link string) Letter {
	w := wordsIn(languages)
	note := w.day
	if asked {
		note += " " + w.notYou
	}
	return write(w.language, w.reset, w.choose, link, note)
}

type words struct{ language, invited, join, week, reset, choose, day, notYou string }

var spoken = []words{
	{
		"en", "You are invited to {workspace} in Bellman", "Join", "The link is good once, for a week.",
		"A new password for Bellman", "Choose a new password", "The link is good once, for a day.",
		"If you did not ask for it, do nothing: your password stays as it is.",
	},
	{
		"uk", "Вас запрошено до {workspace} у Bellman", "Приєднатися", "Посилання діє один раз, упродовж тижня.",
		"Новий пароль для Bellman", "Обрати новий пароль", "Посилання діє один раз, упродовж доби.",
		"Якщо ви про це не просили, нічого не робіть: ваш пароль лишається таким, як був.",
	},
	{
		"ru", "Вас приглашают в {workspace} в Bellman", "Присоединиться", "Ссылка действует один раз, в течение недели.",
		"Новый пароль для Bellman", "Выбрать новый пароль", "Ссылка действует один раз, в течение суток.",
		"Если вы об этом не просили, ничего не делайте: ваш пароль остаётся прежним.",
	},
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Ukrainian, language.Russian})

func wordsIn(languages string) words {
	_, i := language.MatchStrings(matcher, languages)
	return spoken[i]
}

// page shows a link without anything that would be loaded from elsewhere.
var page = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Language}}">
<body style="font: 16px/1.5 sans-serif; color: #1f2328; max-width: 32em">
<p>{{.Subject}}.</p>
<p><a href="{{.Link}}"
style="display: inline-block; padding: 10px 20px; border-radius: 6px; background: #4338b8; color: #fff">{{.Act}}</a></p>
<p style="color: #59636e">{{.Note}}</p>
<p style="color: #59636e; overflow-wrap: anywhere">{{.Link}}</p>
</body>
</html>
`))

func write(language, subject, act, link, note string) Letter {
	var html bytes.Buffer
	// It does not fail for texts.
	_ = page.Execute(&html, struct{ Language, Subject, Act, Link, Note string }{language, subject, act, link, note})
	return Letter{subject, subject + ".\n\n" + act + ":\n" + link + "\n\n" + note + "\n", html.String()}
}

// line returns a name as a header may contain it: in one line, and not too long.
func line(name string) string {
	runes := []rune(strings.Join(strings.Fields(name), " "))
	return string(runes[:min(len(runes), 100)])
}
