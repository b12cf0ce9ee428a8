package io.switchboard.http.access;

/** What a server has that asks who is who. */
public record Entrance(Doorman doorman, TicketHandler tickets, SessionHandler sessions) {}
