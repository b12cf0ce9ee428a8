/**
 * What requests and answers are made of, as pure values: queries, paths, ranges, dates, JSON bodies and problems.
 * It must not know channels' stores, readers, or which handler asks.
 */
@NullMarked
package io.switchboard.http.wire;

import org.jspecify.annotations.NullMarked;
