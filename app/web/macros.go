package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/macros"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// macroRoutes are the doors of quick replies.
func (s *Server) macroRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/macros", agent, limitRead, s.macroCatalogue},
		{post, "/macros/:macro/uses", agent, limitWrite, s.useMacro},
		{post, "/tickets/:number/macros/:macro/files", agent, limitWrite, s.copyReplyFiles},

		{get, "/settings/replies", agent, limitRead, s.repliesPage},
		{post, "/settings/replies", agent, limitWrite, s.addReply},
		{get, "/settings/replies/new", agent, limitRead, s.newReplyPage},
		{get, "/settings/replies/export.csv", agent, limitRead, s.exportReplies},
		{get, "/settings/replies/sample.csv", agent, limitRead, s.sampleReplies},
		{get, "/settings/replies/import", agent, limitRead, s.importPage},
		{post, "/settings/replies/import", agent, limitImport, s.planImport},
		{post, "/settings/replies/import/confirmation", agent, limitImport, s.confirmImport},
		{get, "/settings/replies/:macro", agent, limitRead, s.replyPage},
		{post, "/settings/replies/:macro", agent, limitWrite, s.changeReply},
		{post, "/settings/replies/:macro/move", agent, limitWrite, s.moveMacro},
		{post, "/settings/replies/:macro/deletion", agent, limitWrite, s.deleteMacro},
		{post, "/settings/replies/:macro/files", agent, limitAnswer, s.addReplyFiles},
		{get, "/settings/replies/:macro/files/:file", agent, limitRead, s.replyFile},
		{post, "/settings/replies/:macro/files/:file/deletion", agent, limitWrite, s.removeReplyFile},
		{post, "/settings/replies/groups/:group", agent, limitWrite, s.renameMacroGroup},
		{post, "/settings/replies/groups/:group/move", agent, limitWrite, s.moveMacroGroup},
		{post, "/settings/replies/groups/:group/deletion", agent, limitWrite, s.deleteMacroGroup},
	}
}

// macroCatalogue gives the scripts all that the agent may use, once: they ask again with the ETag they have.
func (s *Server) macroCatalogue(c echo.Context) error {
	ctx, me := c.Request().Context(), actor(c)
	version, err := s.Tickets.MacrosVersion(ctx, me)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(me.ID.String() + version))
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	c.Response().Header().Set("ETag", tag)
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	all, err := s.Tickets.Macros(ctx, me)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, macros.Catalogue(all))
}

// useMacro counts that a quick reply went into an answer.
func (s *Server) useMacro(c echo.Context) error {
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	if err := s.Tickets.UseMacro(c.Request().Context(), actor(c), macro); err != nil {
		return err
	}
	return s.done(c, backOf(c), nil)
}

func macroID(c echo.Context) (id.ID, error) {
	macro, err := id.Parse(c.Param("macro"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "error.macro.not_found")
	}
	return macro, nil
}

// fillMacros adds what a quick reply's variables stand for in this ticket.
func (s *Server) fillMacros(c echo.Context, v *threadView, _ people) error {
	ctx := c.Request().Context()
	contact, err := s.Tickets.Contact(ctx, v.ContactID)
	if err != nil {
		return err
	}
	inbox, err := s.Tickets.Inbox(ctx, v.InboxID)
	if err != nil {
		return err
	}
	values, err := json.Marshal(tickets.MacroValues(v.Ticket, contact, of(c).agent, s.shopOf(ctx), inbox))
	if err != nil {
		return fmt.Errorf("encode values: %w", err)
	}
	v.MacroValues = string(values)
	return nil
}
