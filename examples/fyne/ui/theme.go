package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// Colours that Fyne has no name for.
const (
	colorPanel   fyne.ThemeColorName = "voiceappPanel"   // behind lists and cards
	colorTalking fyne.ThemeColorName = "voiceappTalking" // who speaks
	colorQuiet   fyne.ThemeColorName = "voiceappQuiet"   // who does not
	colorOwn     fyne.ThemeColorName = "voiceappOwn"     // one's own messages
)

var palette = map[fyne.ThemeColorName][2]color.NRGBA{ // dark, light
	theme.ColorNameBackground:        {rgb(0x16191f), rgb(0xf3f5f8)},
	theme.ColorNameOverlayBackground: {rgb(0x1f242c), rgb(0xffffff)},
	theme.ColorNameMenuBackground:    {rgb(0x262c36), rgb(0xffffff)},
	theme.ColorNameInputBackground:   {rgb(0x262c36), rgb(0xffffff)},
	theme.ColorNameInputBorder:       {rgb(0x3a4250), rgb(0xc3cad5)},
	theme.ColorNameButton:            {rgb(0x2c333f), rgb(0xe3e8ef)},
	theme.ColorNameDisabledButton:    {rgb(0x20252d), rgb(0xeceff3)},
	theme.ColorNameForeground:        {rgb(0xe8ebf0), rgb(0x1b2028)},
	theme.ColorNamePlaceHolder:       {rgb(0x8f99a9), rgb(0x5f6a7a)},
	theme.ColorNameDisabled:          {rgb(0x8b95a5), rgb(0x66707f)},
	theme.ColorNamePrimary:           {rgb(0x5b8cff), rgb(0x2558d9)},
	theme.ColorNameHyperlink:         {rgb(0x7fa6ff), rgb(0x2558d9)},
	theme.ColorNameHeaderBackground:  {rgb(0x1c2129), rgb(0xe9edf2)},
	theme.ColorNameSeparator:         {rgb(0x2b313b), rgb(0xdce1e8)},
	theme.ColorNameSuccess:           {rgb(0x3ecf8e), rgb(0x14804f)},
	theme.ColorNameWarning:           {rgb(0xf0b429), rgb(0x9a6700)},
	theme.ColorNameError:             {rgb(0xff6b6b), rgb(0xc62828)},
	colorPanel:                       {rgb(0x1c2129), rgb(0xffffff)},
	colorTalking:                     {rgb(0x3ecf8e), rgb(0x12965a)},
	colorQuiet:                       {rgb(0x485161), rgb(0xb9c1cd)},
	colorOwn:                         {rgb(0x7fa6ff), rgb(0x2558d9)},
}

func rgb(c uint32) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff} //nolint:gosec // bytes of a colour
}

// look is the client's theme: Fyne's, in its own colours, at the text size of the user.
type look struct {
	fyne.Theme
	want  string // "system", "light" or "dark"
	scale float32
}

func newLook(s settings.Look) *look {
	return &look{Theme: theme.DefaultTheme(), want: s.Theme, scale: float32(s.Scale) / 100}
}

// Color implements fyne.Theme.
func (l *look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.want {
	case "light":
		variant = theme.VariantLight
	case "dark":
		variant = theme.VariantDark
	}
	if both, ok := palette[name]; ok {
		if variant == theme.VariantLight {
			return both[1]
		}
		return both[0]
	}
	return l.Theme.Color(name, variant)
}

// Size implements fyne.Theme.
func (l *look) Size(name fyne.ThemeSizeName) float32 {
	size := l.Theme.Size(name)
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText, theme.SizeNameInlineIcon:
		return size * l.scale
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 6
	}
	return size
}

// colored returns a colour of the theme in force.
func colored(name fyne.ThemeColorName) color.Color {
	app := fyne.CurrentApp().Settings()
	return app.Theme().Color(name, app.ThemeVariant())
}
