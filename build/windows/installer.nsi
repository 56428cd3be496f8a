; The Windows installer: for one user, without administrator rights, in Chinese or English as Windows is.
; build/installer.py calls makensis on it and gives VERSION, NUMBERS, SIZE_KB, OUT, LICENSE, ICON, and PAYLOAD, a file
; it writes with the macros InstallFiles and RemoveFiles. What it does and its switches: docs/windows.md, "Installer".
;
; Exit codes: 0 done, 1 left by the user, 2 the program runs (or makensis' own: a file could not be written),
; 3 a newer version is there, 4 Windows is too old, 5 no right to write into the folder.

Unicode true
Target amd64-unicode            ; the program is 64-bit; the 32-bit stub would install nothing where only 64-bit programs run
RequestExecutionLevel user      ; no question for an administrator
ManifestDPIAware true
ManifestSupportedOS all         ; else Windows tells the installer that it is an older one
SetDateSave off                 ; the same bytes whenever it is built
AllowSkipFiles off
CRCCheck on
Name "$(ProgramName)"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Zhangfang"
InstallDirRegKey HKCU "Software\Zhangfang" "InstallDir"
ShowInstDetails nevershow
ShowUninstDetails nevershow
BrandingText "$(ProgramName) ${VERSION}"

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include TextFunc.nsh
!include WinVer.nsh
!include WordFunc.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh
!include x64.nsh
!include "${PAYLOAD}"

!define PROGRAM "Zhangfang.exe"
!define CONSOLE_PROGRAM "zhangfang-cli.exe"
!define OWN_KEY "Software\Zhangfang"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Zhangfang"
!define APP_PATH_KEY "Software\Microsoft\Windows\CurrentVersion\App Paths\${PROGRAM}"
!define CLASSES "Software\Classes"
!define OPEN_WITH_KEY "${CLASSES}\Applications\${PROGRAM}"
!define BOOK_SUFFIX ".zhangfang"
!define BOOK_CLASS "Zhangfang.Book"
!define TASKBAR_ID "Zhangfang.Zhangfang"   ; what the program calls itself, app/bootstrap/window.py
!define FILE_LIST "_internal\installed-files.txt"

!define EXIT_RUNNING 2
!define EXIT_NEWER 3
!define EXIT_WINDOWS 4
!define EXIT_FOLDER 5

Var Shortcut      ; name of the entries in the start menu and on the desktop
Var FirstTime     ; 1: no version is installed for this user

; --- pages ------------------------------------------------------------------------------------------------------------

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TITLE "$(WelcomeTitle)"
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!define MUI_PAGE_CUSTOMFUNCTION_SHOW AddLicenceLink
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_LINK "$(LicenceLink)"
!define MUI_FINISHPAGE_LINK_LOCATION "$INSTDIR\LICENSE.txt"
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "$(UninstallText)"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"      ; the first one is for a Windows in neither language
!insertmacro MUI_LANGUAGE "SimpChinese"

!macro Say NAME ENGLISH CHINESE
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_SIMPCHINESE} "${CHINESE}"
!macroend
!insertmacro Say ProgramName "Zhangfang" "账房"
!insertmacro Say Description "Bookkeeping on your own computer" "在自己的电脑上记账"
!insertmacro Say BookKind "Zhangfang book" "账房账簿"
!insertmacro Say LicenceLink "Free software: read the licence (GPL-3.0)" "自由软件：阅读许可证（GPL-3.0）"
!insertmacro Say WelcomeTitle "Zhangfang ${VERSION}" "账房 ${VERSION}"
!insertmacro Say WelcomeText \
  "This sets up Zhangfang for you alone; no administrator rights are needed.$\r$\n$\r$\nAn older version is replaced. Your books and settings stay as they are." \
  "现在为您一个人安装账房，不需要管理员权限。$\r$\n$\r$\n旧版本会被替换，您的账簿和设置保持不变。"
!insertmacro Say UninstallText \
  "The program is removed. Your books, settings and logs stay where they are." \
  "只卸载程序。您的账簿、设置和日志都留在原处。"
!insertmacro Say Running \
  "Zhangfang is running. Please close it and try again." \
  "账房正在运行，请先关闭它，然后重试。"
!insertmacro Say WindowsTooOld \
  "Zhangfang needs a 64-bit Windows 10 or newer." \
  "账房需要 64 位的 Windows 10 或更新的系统。"
!insertmacro Say Newer \
  "A newer version of Zhangfang is installed: $0. An older one may not be able to open its books; to go back to ${VERSION}, uninstall $0 first." \
  "已经安装了更新的版本 $0，旧版本可能打不开它的账簿；要换回 ${VERSION}，请先卸载 $0。"
!insertmacro Say CannotWrite \
  "Nothing can be written to the folder $INSTDIR. Please choose another one." \
  "无法写入文件夹 $INSTDIR，请另选一个文件夹。"

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
!macro FileProperties LANGUAGE NAME DESCRIPTION
  VIAddVersionKey /LANG=${LANGUAGE} "ProductName" "${NAME}"
  VIAddVersionKey /LANG=${LANGUAGE} "CompanyName" "${NAME}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileDescription" "${DESCRIPTION}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "ProductVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "LegalCopyright" "GPL-3.0"
!macroend
!insertmacro FileProperties ${LANG_ENGLISH} "Zhangfang" "Zhangfang Setup"
!insertmacro FileProperties ${LANG_SIMPCHINESE} "账房" "账房安装程序"

; --- pieces for both directions -----------------------------------------------------------------------------------------

!macro TryToWrite FILE
  ${If} ${FileExists} "${FILE}"
    ClearErrors
    FileOpen $2 "${FILE}" a
    ${If} ${Errors}
      StrCpy $1 1
    ${Else}
      FileClose $2
    ${EndIf}
  ${EndIf}
!macroend

!macro Pieces UN
; $0: a sentence, written as UTF-8 to where the caller's messages go, if anywhere; message boxes do not show with /S
Function ${UN}WriteLine
  System::Call "kernel32::AttachConsole(i -1)"
  System::Call "kernel32::GetStdHandle(i -12) p.r1"
  System::Call "kernel32::WideCharToMultiByte(i 65001, i 0, w r0, i -1, p 0, i 0, p 0, p 0) i.r2"
  ${If} $2 > 0
    System::Alloc $2
    Pop $3
    System::Call "kernel32::WideCharToMultiByte(i 65001, i 0, w r0, i -1, p r3, i r2, p 0, p 0) i.r2"
    IntOp $2 $2 - 1         ; without the zero at the end
    System::Call "kernel32::WriteFile(p r1, p r3, i r2, *i .r4, p 0)"
    System::Call 'kernel32::WriteFile(p r1, m "$\r$\n", i 2, *i .r4, p 0)'
    System::Free $3
  ${EndIf}
FunctionEnd

; set $1 to 1 when a program in the folder $0 runs, else to 0: Windows lets nobody write to it then
Function ${UN}IsRunning
  StrCpy $1 0
  !insertmacro TryToWrite "$0\${PROGRAM}"
  !insertmacro TryToWrite "$0\${CONSOLE_PROGRAM}"
FunctionEnd

; go on only when no program in the folder $0 runs; with /S refuse at once
Function ${UN}RequireNotRunning
  ${Do}
    Call ${UN}IsRunning
    ${If} $1 == 0
      ${Break}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY again
    StrCpy $0 "$(Running)"
    ${If} ${Silent}
      Call ${UN}WriteLine
    ${EndIf}
    SetErrorLevel ${EXIT_RUNNING}
    Quit
    again:
  ${Loop}
FunctionEnd

Function ${UN}TellExplorer
  System::Call "shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)" ; kinds of files have changed
FunctionEnd
!macroend
!insertmacro Pieces ""
!insertmacro Pieces "un."

!macro Refuse TEXT CODE
  MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  StrCpy $0 "${TEXT}"
  ${If} ${Silent}
    Call WriteLine
  ${EndIf}
  SetErrorLevel ${CODE}
  Quit
!macroend

; --- before the first page ------------------------------------------------------------------------------------------------

!macro ChooseLanguage
  ${GetParameters} $1
  ${GetOptions} $1 "/L=" $0       ; 2052 or 1033, for whoever wants another language than Windows'
  ${IfNot} ${Errors}
    StrCpy $LANGUAGE $0
  ${EndIf}
!macroend

Function .onInit
  !insertmacro ChooseLanguage
  SetShellVarContext current
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro Refuse "$(WindowsTooOld)" ${EXIT_WINDOWS}
  ${EndIf}
  ReadRegStr $0 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  StrCpy $FirstTime 1
  ${If} $0 != ""
    StrCpy $FirstTime 0
    ${VersionCompare} "$0" "${VERSION}" $1
    ${If} $1 == 1
      !insertmacro Refuse "$(Newer)" ${EXIT_NEWER}
    ${EndIf}
  ${EndIf}
FunctionEnd

Function un.onInit
  !insertmacro ChooseLanguage
  SetShellVarContext current
FunctionEnd

Function AddLicenceLink
  ${NSD_CreateLink} 120u 175u 195u 10u "$(LicenceLink)"
  Pop $0
  SetCtlColors $0 0x0563C1 0xFFFFFF
  ${NSD_OnClick} $0 ShowLicence
FunctionEnd

Function ShowLicence
  Pop $0
  InitPluginsDir
  File "/oname=$PLUGINSDIR\LICENSE.txt" "${LICENSE}"
  ExecShell "open" "$PLUGINSDIR\LICENSE.txt"
FunctionEnd

; --- installing -----------------------------------------------------------------------------------------------------------

; Take away what the version in the folder $0 brought, by its own list; every other file stays, whoever put it there.
Function RemoveListed
  ClearErrors
  FileOpen $1 "$0\${FILE_LIST}" r
  ${IfNot} ${Errors}
    ${Do}
      FileReadUTF16LE $1 $2
      ${If} ${Errors}
        ${Break}
      ${EndIf}
      ${TrimNewLines} "$2" $2
      ${WordFind} "$2" ".." "E+1{" $3
      ${If} ${Errors}               ; a list that points out of the folder is none of ours
      ${AndIf} $2 != ""
        StrCpy $3 $2 1 -1
        ${If} $3 == "\"
          StrCpy $2 $2 -1
          RMDir "$0\$2"             ; only when nothing is left in it
        ${Else}
          Delete "$0\$2"
        ${EndIf}
      ${EndIf}
      ClearErrors
    ${Loop}
    FileClose $1
    Delete "$0\${FILE_LIST}"
    RMDir "$0\_internal"
    Delete "$0\uninstall.exe"
  ${EndIf}
FunctionEnd

Function RemoveOlderVersion
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  ${If} $0 != ""
  ${AndIf} $0 != $INSTDIR           ; it moves to another folder
    Call RequireNotRunning
    Call RemoveListed
    RMDir "$0"
  ${EndIf}
  StrCpy $0 $INSTDIR
  Call RemoveListed
FunctionEnd

; Write the program's own id into the shortcut $0, so that a pinned shortcut and its window are one thing on the taskbar.
Function NameForTaskbar
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r1 ""
  ${If} $1 P<> 0
    ${IUnknown::QueryInterface} $1 '("${IID_IPersistFile}",.r2)'
    ${If} $2 P<> 0
      ${IPersistFile::Load} $2 '("$0",${STGM_READWRITE})'
      ${IUnknown::QueryInterface} $1 '("${IID_IPropertyStore}",.r3)'
      ${If} $3 P<> 0
        System::Call 'Oleaut32::SysAllocString(w "${TASKBAR_ID}")p.r4'
        System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r5'
        System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,$4)p.r6'
        ${IPropertyStore::SetValue} $3 '($5,$6)'
        ${IPropertyStore::Commit} $3 ""
        ${IUnknown::Release} $3 ""
        ${IPersistFile::Save} $2 '("$0",1)'
        System::Call 'Oleaut32::SysFreeString(p r4)'
        System::Free $5
        System::Free $6
      ${EndIf}
      ${IUnknown::Release} $2 ""
    ${EndIf}
    ${IUnknown::Release} $1 ""
  ${EndIf}
FunctionEnd

; Put an entry at $0.
Function CreateEntry
  CreateShortCut "$0" "$INSTDIR\${PROGRAM}" "" "$INSTDIR\${PROGRAM}" 0 SW_SHOWNORMAL "" "$(Description)"
  Call NameForTaskbar
FunctionEnd

Function CreateShortcuts
  ReadRegStr $Shortcut HKCU "${OWN_KEY}" "Shortcut"
  ${If} $Shortcut == ""
    StrCpy $Shortcut "$(ProgramName)"
  ${EndIf}
  SetOutPath $INSTDIR               ; where the program starts
  StrCpy $0 "$SMPROGRAMS\$Shortcut.lnk"
  Call CreateEntry
  StrCpy $0 "$DESKTOP\$Shortcut.lnk"
  ${If} $FirstTime == 1             ; whoever threw the one on the desktop away does not get it back with each version
  ${OrIf} ${FileExists} "$0"
    Call CreateEntry
  ${EndIf}
  WriteRegStr HKCU "${OWN_KEY}" "Shortcut" "$Shortcut"
  WriteRegStr HKCU "${OWN_KEY}" "InstallDir" "$INSTDIR"
FunctionEnd

Function AssociateBooks
  ReadRegStr $0 HKCU "${CLASSES}\${BOOK_SUFFIX}" ""
  ${If} $0 != ""
  ${AndIf} $0 != "${BOOK_CLASS}"
    WriteRegStr HKCU "${OWN_KEY}" "PreviousBookClass" "$0"
  ${EndIf}
  WriteRegStr HKCU "${CLASSES}\${BOOK_SUFFIX}" "" "${BOOK_CLASS}"
  WriteRegStr HKCU "${CLASSES}\${BOOK_SUFFIX}\OpenWithProgids" "${BOOK_CLASS}" ""
  WriteRegStr HKCU "${CLASSES}\${BOOK_CLASS}" "" "$(BookKind)"
  WriteRegStr HKCU "${CLASSES}\${BOOK_CLASS}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\${BOOK_CLASS}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  WriteRegStr HKCU "${OPEN_WITH_KEY}" "FriendlyAppName" "$(ProgramName)"
  WriteRegStr HKCU "${OPEN_WITH_KEY}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  WriteRegStr HKCU "${OPEN_WITH_KEY}\SupportedTypes" "${BOOK_SUFFIX}" ""
  WriteRegStr HKCU "${APP_PATH_KEY}" "" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${APP_PATH_KEY}" "Path" "$INSTDIR"
FunctionEnd

Function RegisterUninstaller
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "$(ProgramName)"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "$(ProgramName)"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
FunctionEnd

Section
  StrCpy $0 $INSTDIR
  Call RequireNotRunning
  SetOutPath $INSTDIR
  ClearErrors
  FileOpen $1 "$INSTDIR\zhangfang-write-test" w
  ${If} ${Errors}
    !insertmacro Refuse "$(CannotWrite)" ${EXIT_FOLDER}
  ${EndIf}
  FileClose $1
  Delete "$INSTDIR\zhangfang-write-test"
  Call RemoveOlderVersion
  !insertmacro InstallFiles
  WriteUninstaller "$INSTDIR\uninstall.exe"
  Call CreateShortcuts
  Call AssociateBooks
  Call RegisterUninstaller
  Call TellExplorer
SectionEnd

; --- uninstalling ---------------------------------------------------------------------------------------------------------

; What opens books is taken away only when it still starts the program in this folder: a later choice is not ours to undo.
Function un.DissociateBooks
  ReadRegStr $0 HKCU "${CLASSES}\${BOOK_CLASS}\shell\open\command" ""
  ${If} $0 == '"$INSTDIR\${PROGRAM}" "%1"'
    DeleteRegKey HKCU "${CLASSES}\${BOOK_CLASS}"
    ReadRegStr $0 HKCU "${CLASSES}\${BOOK_SUFFIX}" ""
    ${If} $0 == "${BOOK_CLASS}"
      ReadRegStr $1 HKCU "${OWN_KEY}" "PreviousBookClass"
      ${If} $1 == ""
        DeleteRegValue HKCU "${CLASSES}\${BOOK_SUFFIX}" ""
      ${Else}
        WriteRegStr HKCU "${CLASSES}\${BOOK_SUFFIX}" "" "$1"
      ${EndIf}
    ${EndIf}
    DeleteRegValue HKCU "${CLASSES}\${BOOK_SUFFIX}\OpenWithProgids" "${BOOK_CLASS}"
    DeleteRegKey /ifnosubkeys /ifnovalues HKCU "${CLASSES}\${BOOK_SUFFIX}\OpenWithProgids"
    DeleteRegKey /ifnosubkeys /ifnovalues HKCU "${CLASSES}\${BOOK_SUFFIX}"
  ${EndIf}
  ReadRegStr $0 HKCU "${OPEN_WITH_KEY}\shell\open\command" ""
  ${If} $0 == '"$INSTDIR\${PROGRAM}" "%1"'
    DeleteRegKey HKCU "${OPEN_WITH_KEY}"
    DeleteRegKey /ifnosubkeys /ifnovalues HKCU "${CLASSES}\Applications"
  ${EndIf}
  ReadRegStr $0 HKCU "${APP_PATH_KEY}" ""
  ${If} $0 == "$INSTDIR\${PROGRAM}"
    DeleteRegKey HKCU "${APP_PATH_KEY}"
  ${EndIf}
FunctionEnd

Section "Uninstall"
  StrCpy $0 $INSTDIR
  Call un.RequireNotRunning
  SetOutPath $TEMP                  ; nobody stands in a folder that is to go
  !insertmacro RemoveFiles
  Delete "$INSTDIR\uninstall.exe"
  RMDir $INSTDIR                    ; stays when the user keeps something in it
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  ${If} $0 == $INSTDIR              ; else it was installed anew elsewhere, and the entries are that one's
    ReadRegStr $Shortcut HKCU "${OWN_KEY}" "Shortcut"
    ${If} $Shortcut != ""
      Delete "$SMPROGRAMS\$Shortcut.lnk"
      Delete "$DESKTOP\$Shortcut.lnk"
    ${EndIf}
    Call un.DissociateBooks
    DeleteRegKey HKCU "${UNINSTALL_KEY}"
    DeleteRegKey HKCU "${OWN_KEY}"
    Call un.TellExplorer
  ${EndIf}
SectionEnd
