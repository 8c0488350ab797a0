"""The VBA of the workbook as it is written; names in braces are filled in by `vba_wrappers`."""

from __future__ import annotations

RUNTIME = """
Private mQuietUntil As Date
Private mLastProblem As String

Private Function Ask(ByVal name As String, ByVal explains As Boolean, ByVal values As Variant) As Variant
    Dim sent() As Variant, i As Long, server As Object
    If Now < mQuietUntil Then GoTo silent
    On Error GoTo failed
    ReDim sent(0 To UBound(values) - LBound(values))
    For i = 0 To UBound(sent)
        sent(i) = Plain(values(LBound(values) + i))
    Next i
    On Error GoTo absent
    Set server = XLPy()
    On Error GoTo failed
    Ask = Restored(server.CallUDF("{module}", name, sent, ThisWorkbook, {caller}))
    Exit Function
failed:
    If explains Then
        Ask = {not_done} & Err.Description
    Else
        Ask = CVErr({value_error})
    End If
    Exit Function
absent:
    mLastProblem = Err.Description
    mQuietUntil = Now + TimeSerial(0, 0, {seconds})
silent:
    If explains Then
        Ask = {no_answer} & mLastProblem
    Else
        Ask = CVErr({silent})
    End If
End Function

Public Sub AskAgain()
    mQuietUntil = 0
    mLastProblem = ""
End Sub

Public Function LastProblem() As String
    LastProblem = mLastProblem
End Function

Private Function WithTail(ByVal first As Variant, ByVal tail As Variant) As Variant
    Dim all() As Variant, i As Long, count As Long
    count = UBound(first) - LBound(first) + 1
    ReDim all(0 To count + UBound(tail) - LBound(tail))
    For i = 0 To count - 1
        Keep all(i), first(LBound(first) + i)
    Next i
    For i = LBound(tail) To UBound(tail)
        Keep all(count + i - LBound(tail)), tail(i)
    Next i
    WithTail = all
End Function

Private Sub Keep(target As Variant, ByVal arg As Variant)
    If IsObject(arg) Then
        Set target = arg
    Else
        target = arg
    End If
End Sub

Private Function Plain(ByVal arg As Variant) As Variant
    If IsObject(arg) Then
        Plain = FromRange(arg)
    ElseIf CallerSince1904() Then
        Plain = Marked(Serials(arg))
    Else
        Plain = Marked(arg)
    End If
End Function

Private Function FromRange(ByVal area As Object) As Variant
    Dim sheet As Object, last As Long
    If area.Areas.Count > 1 Then
        FromRange = "{sentinel}2015"
        Exit Function
    End If
    If area.Rows.Count > 200000 Then
        Set sheet = area.Worksheet
        last = sheet.UsedRange.Row + sheet.UsedRange.Rows.Count - 1
        If last < area.Row Then last = area.Row
        If last - area.Row + 1 < area.Rows.Count Then Set area = area.Resize(last - area.Row + 1)
    End If
    If Since1904(area) Then
        FromRange = Marked(Numbers(area.Value))
    Else
        FromRange = Marked(area.{value})
    End If
End Function

' A workbook that counts its days from 1904: Value2 would give the day four years too early
Private Function Since1904(ByVal area As Object) As Boolean
    On Error Resume Next
    Since1904 = {since}
End Function

' What a formula works out, DATE(...) among it, counts as the workbook of the formula does
Private Function CallerSince1904() As Boolean
    On Error Resume Next
    CallerSince1904 = {caller_since}
End Function

Private Function Serials(ByVal values As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(values) Then
        Serials = Serial(values)
        Exit Function
    End If
    If Dims(values) = 1 Then
        For i = LBound(values) To UBound(values)
            values(i) = Serial(values(i))
        Next i
    Else
        For i = LBound(values, 1) To UBound(values, 1)
            For j = LBound(values, 2) To UBound(values, 2)
                values(i, j) = Serial(values(i, j))
            Next j
        Next i
    End If
    Serials = values
End Function

' A whole number that may be a day says that it counts from 1904; Python knows where a day is asked for
Private Function Serial(ByVal value As Variant) As Variant
    Serial = value
    If VarType(value) <> vbDouble Then Exit Function
    If value = Int(value) And value >= 0 And value < {most_days} Then Serial = "{since_mark}" & Trim(Str(value))
End Function

Private Function Numbers(ByVal values As Variant) As Variant
    Dim i As Long, j As Long
    If IsArray(values) Then
        For i = LBound(values, 1) To UBound(values, 1)
            For j = LBound(values, 2) To UBound(values, 2)
                values(i, j) = Number(values(i, j))
            Next j
        Next i
        Numbers = values
    Else
        Numbers = Number(values)
    End If
End Function

' Dates as days since 1900, amounts of the type Currency as numbers, as Value2 gives them
Private Function Number(ByVal value As Variant) As Variant
    If VarType(value) = vbDate Or VarType(value) = vbCurrency Then
        Number = CDbl(value)
    Else
        Number = value
    End If
End Function

Private Function Dims(values As Variant) As Long
    Dim top As Long
    On Error GoTo done
    Do
        top = UBound(values, Dims + 1)
        Dims = Dims + 1
    Loop
done:
End Function

Private Function Marked(ByVal values As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(values) Then
        Marked = Mark(values)
        Exit Function
    End If
    If Dims(values) = 1 Then
        For i = LBound(values) To UBound(values)
            If IsError(values(i)) Then values(i) = Mark(values(i))
        Next i
    Else
        For i = LBound(values, 1) To UBound(values, 1)
            For j = LBound(values, 2) To UBound(values, 2)
                If IsError(values(i, j)) Then values(i, j) = Mark(values(i, j))
            Next j
        Next i
    End If
    Marked = values
End Function

Private Function Mark(ByVal value As Variant) As Variant
    If IsError(value) Then
        Mark = "{sentinel}" & ErrorNumber(CStr(value))
        ' 448: an argument left out, as in F(a,,b)
        If Mark = "{sentinel}448" Then Mark = Empty
    Else
        Mark = value
    End If
End Function

Private Function ErrorNumber(ByVal text As String) As String
    Dim i As Long
    For i = 1 To Len(text)
        If Mid(text, i, 1) Like "[0-9]" Then ErrorNumber = ErrorNumber & Mid(text, i, 1)
    Next i
End Function

Private Function Restored(ByVal values As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(values) Then
        Restored = Restore(values)
        Exit Function
    End If
    If Dims(values) = 1 Then
        For i = LBound(values) To UBound(values)
            values(i) = Restore(values(i))
        Next i
    Else
        For i = LBound(values, 1) To UBound(values, 1)
            For j = LBound(values, 2) To UBound(values, 2)
                values(i, j) = Restore(values(i, j))
            Next j
        Next i
    End If
    Restored = values
End Function

Private Function Restore(ByVal value As Variant) As Variant
    Restore = value
    If VarType(value) = vbString Then
        If Left(value, {length}) = "{sentinel}" Then Restore = CVErr(CLng(Mid(value, {length} + 1)))
    End If
End Function
"""

TEXT = """Option Explicit
Option Private Module

Public Function Han(ByVal hexadecimal As String) As String
    Dim i As Long
    For i = 1 To Len(hexadecimal) Step 4
        Han = Han & ChrW(CLng("&H" & Mid(hexadecimal, i, 4)) And 65535)
    Next i
End Function
"""

BUTTONS = """Option Explicit

Public Sub SelfTest()
    AskAgain
    On Error GoTo failed
    ShowResult {working}
    RunPython "import {macros} as m; m.self_test()"
    If Unanswered() Then Exit Sub
    Application.CalculateFull
    Exit Sub
failed:
    ShowResult {no_answer} & Err.Description & {remedy}
End Sub

Public Sub FillForms()
    Dim folder As String, dialog As Object
    Set dialog = Application.FileDialog(4)
    With dialog
        .Title = {choose}
        If .Show <> -1 Then Exit Sub
        folder = .SelectedItems(1)
    End With
    ThisWorkbook.Names("{inbox}").RefersToRange.Value = folder
    RunMacro "fill_forms"
End Sub

Public Sub MakeLedger()
    RunMacro "make_ledger"
End Sub

Public Sub MatchFacts()
    RunMacro "match_facts"
    Fit "{facts}"
End Sub

Public Sub MatchEnterprise()
    RunMacro "match_enterprise"
    Fit "{standings}"
End Sub

Private Sub Fit(ByVal name As String)
    On Error Resume Next
    ThisWorkbook.Names(name).RefersToRange.EntireRow.AutoFit
End Sub

Public Sub DeskFill()
    RunMacro "desk_fill"
End Sub

Public Sub DeskReview()
    RunMacro "desk_review"
End Sub

Public Sub DeskSettle()
    RunMacro "desk_settle"
End Sub

Public Sub DeskPlan()
    RunMacro "desk_plan"
End Sub

Public Sub DeskStatus()
    RunMacro "desk_status"
End Sub

Private Sub RunMacro(ByVal name As String)
    AskAgain
    On Error GoTo failed
    ShowResult {working}
    RunPython "import {macros} as m; m." & name & "()"
    If Unanswered() Then Exit Sub
    MsgBox ThisWorkbook.Names("{result}").RefersToRange.Value, vbInformation, "xlpolicy"
    Exit Sub
failed:
    ShowResult {no_answer} & Err.Description & {remedy}
    MsgBox ThisWorkbook.Names("{result}").RefersToRange.Value, vbExclamation, "xlpolicy"
End Sub

' RunPython tells a failure in a window of its own and goes on: what stands here then is no result
Private Function Unanswered() As Boolean
    Unanswered = (ThisWorkbook.Names("{result}").RefersToRange.Value = {working})
    If Unanswered Then ShowResult {failed_inside}
End Function

Private Sub ShowResult(ByVal text As String)
    ThisWorkbook.Names("{result}").RefersToRange.Value = text
End Sub
"""

THIS_WORKBOOK = """Option Explicit

Private Sub Workbook_Open()
    RegisterHelp
    ThisWorkbook.Saved = True
End Sub
"""
