# SPDX-License-Identifier: GPL-2.0-only
#
# Variables: in, the table of bench_join; out, the SVG; about, its title. The colours
# of the curves have contrast on white and on black; join.sh adds a style to the SVG
# that replaces the black of text and axes on a dark page.
set terminal svg size 1120,460 font "sans-serif,13" linewidth 1.5
set output out

array column_of[4] = [6, 12, 4, 14]
array name[4] = [ \
	"join, from the fork on: fork, setsid, setns, exit, wait", \
	"mainline's way: setns, fork, exit, wait", \
	"join, the call of a process that may: setns", \
	"join that keeps the struct pid: setns"]
array colour[4] = ["#e0701a", "#8b6cf0", "#0e9384", "#d03a7a"]
array marker[4] = [5, 7, 9, 11]
array above[4] = [0.9, -0.9, 0.9, -0.9]

from(by) = sprintf("<grep '^%s ' %s", by, in)
thousands(i) = column(column_of[i]) / 1000.0
# The value as a label, at the first and the last point of a curve.
figure(i, last) = column(2) == 1 || column(2) == last ? \
	sprintf("%.1f", thousands(i)) : ""
curves = "plot for [i = 1:4] from(by) using 2:(thousands(i)) \
		with linespoints linecolor rgb colour[i] pointtype marker[i] \
		pointsize 0.55 title name[i], \
	for [i = 1:4] from(by) using 2:(thousands(i)):(figure(i, last)) \
		with labels offset 0, above[i] font ',11' notitle"

# The most expensive column, for a common scale.
stats in using (column(column_of[1])) nooutput

set multiplot title about font ",16" layout 1,3 \
	margins 0.075,0.985,0.17,0.63 spacing 0.04,0
set border 3
set tics nomirror out
set yrange [0:STATS_max * 1.15 / 1000]
set grid ytics linecolor rgb "#808080" linewidth 0.4 dashtype 3

by = "depth"; last = 32
set title "depth of the namespace"
set xlabel "levels below the initial one"
set ylabel "thousand guest instructions"
set xrange [-2:34]
set xtics (1, 8, 16, 24, 32)
set key at screen 0.07,0.9 left top Left reverse maxrows 4 samplen 2.5
@curves

unset key
unset ylabel
set format y ""
set logscale x

by = "tasks"; last = 10000
set title "tasks in the namespace"
set xlabel "tasks (log)"
set xrange [0.4:20000]
set xtics ("1" 1, "10" 10, "100" 100, "1,000" 1000, "10,000" 10000)
@curves

by = "idle"; last = 1000
set title "idle namespaces beside it"
set xlabel "namespaces (log)"
set xrange [0.5:1700]
@curves

unset multiplot
