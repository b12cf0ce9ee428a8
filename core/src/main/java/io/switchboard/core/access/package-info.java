/**
 * Who may do what: the words in which every transport asks, and the contracts of those who know the answers.
 * It must not know tokens' forms, keys, transports or clocks.
 */
@NullMarked
package io.switchboard.core.access;

import org.jspecify.annotations.NullMarked;
